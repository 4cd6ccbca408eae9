/**
 * Numbers for task functions. The host writes a function's identity once; a
 * worker that meets a number it does not know reads on.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { jsonOfStrings } from "../base/json.ts";
import type { AppendLog } from "../memory/append_log.ts";
import { closureParts } from "./closure.ts";
import { identify, refusedClosure, unregistered } from "./registry.ts";

/** A task function in the table that is an export of a module. */
export interface ExportRecord {
  readonly module: string;
  readonly name: string;
}

/** A task function in the table: an export of a module, or a source text. */
export type FunctionRecord =
  | ExportRecord
  | { readonly source: string; readonly names: readonly string[]; readonly name: string };

/** The host's end of the table. */
export class FunctionNumbers {
  readonly #log: AppendLog;
  readonly #numbers = new WeakMap<object, number>();
  readonly #byRecord = new Map<string, number>();
  readonly #records: FunctionRecord[] = [];
  readonly #capturing: boolean[] = [];
  #lastFunction: unknown;
  #lastNumber = -1;
  readonly #takesClosures: boolean;

  /**
   * @param log The table's memory; this is its writer.
   * @param takesClosures Whether closures may be in it.
   */
  constructor(log: AppendLog, takesClosures: boolean) {
    this.#log = log;
    this.#takesClosures = takesClosures;
  }

  /**
   * @param fn A registered function, or a closure.
   * @returns Its number.
   * @throws {UnregisteredFunctionError} Where it is neither, or a closure and not taken.
   * @throws {MulticoreError} Where the table is full.
   */
  numberOf(fn: unknown): number {
    if (fn === this.#lastFunction) return this.#lastNumber;
    const number = this.#numbers.get(fn as object) ?? this.#assign(fn);
    this.#lastFunction = fn;
    this.#lastNumber = number;
    return number;
  }

  /** @returns Whether a number is that of a closure whose captured values travel with each call. */
  captures(number: number): boolean {
    return this.#capturing[number]!;
  }

  /** @returns How errors name a function. */
  nameOf(number: number): string {
    const record = this.#records[number];
    if (record === undefined) return `function ${number}`;
    return "module" in record
      ? `${record.name} of ${record.module}`
      : `closure ${record.name || JSON.stringify(record.source.slice(0, 40))}`;
  }

  #assign(fn: unknown): number {
    const record = typeof fn === "function" ? recordOf(fn) : undefined;
    if (record === undefined) throw unregistered(fn);
    if ("source" in record && !this.#takesClosures) {
      throw refusedClosure(record.name, record.source);
    }
    const text = textOf(record);
    let number = this.#byRecord.get(text);
    if (number === undefined) {
      if (!this.#log.append(new TextEncoder().encode(text))) {
        throw new MulticoreError(
          `Cannot run ${record.name || "a closure"}: the pool's table of task functions is full ` +
            `(${this.#records.length} of them); make closures once and call them often`,
        );
      }
      number = this.#records.push(record) - 1;
      this.#capturing.push("source" in record && record.names.length > 0);
      this.#byRecord.set(text, number);
    }
    this.#numbers.set(fn as object, number);
    return number;
  }
}

/** @returns How a function stands in a table; `undefined` where it is neither registered nor a closure. */
export function recordOf(fn: object): FunctionRecord | undefined {
  const parts = closureParts(fn);
  if (parts !== undefined) {
    const { name } = fn as { readonly name: unknown };
    const { source, names } = parts;
    return { source, names, name: typeof name === "string" ? name : "" };
  }
  return identify(fn);
}

/** @returns What a record is written as: JSON of its own strings alone; see `jsonOfStrings`. */
function textOf(record: FunctionRecord): string {
  const name = JSON.stringify(record.name);
  if ("module" in record) return `{"module":${JSON.stringify(record.module)},"name":${name}}`;
  const names = jsonOfStrings(record.names);
  return `{"source":${JSON.stringify(record.source)},"names":${names},"name":${name}}`;
}

/** A worker's end of the table. */
export class FunctionRecords {
  readonly #log: AppendLog;
  readonly #records: FunctionRecord[] = [];

  /** @param log The table's memory. */
  constructor(log: AppendLog) {
    this.#log = log;
  }

  /** @returns The record with this number; the owner has written it before the job that names it. */
  at(number: number): FunctionRecord {
    while (number >= this.#records.length) {
      const bytes = this.#log.next();
      if (bytes === undefined) throw new RangeError(`Cannot find task function ${number}`);
      this.#records.push(JSON.parse(new TextDecoder().decode(bytes)));
    }
    return this.#records[number]!;
  }
}
