/**
 * How the rarer values are read: all but plain objects, arrays, Maps, Sets, Dates, bytes
 * and most primitives.
 *
 * @module
 */
import { makeView } from "./buffer_reader.ts";
import { type ErrorSource, readError } from "./error_reader.ts";
import { MissingHandleError } from "./missing_handle.ts";
import * as tags from "./tags.ts";
import type { Handles } from "./types.ts";

/** What they are read from. */
export interface SpecialSource extends ErrorSource {
  /** What travels beside the bytes, where something may. */
  readonly handles: Handles | undefined;
  /** Reads an export: a registered function or class. */
  export(): unknown;
  /** Reads an object body into an object; one that is not plain may have setters. */
  body(object: object, plain: boolean): object;
  /** Reads keys, each with its value; `length` is that of an array, or less than 0. */
  pairs(target: object, length: number): void;
}

/**
 * @param source Where from.
 * @param tag The value's tag, which is behind it.
 * @returns The value.
 */
export function readSpecial(source: SpecialSource, tag: number): unknown {
  switch (tag) {
    case tags.REGEXP:
      return source.met(new RegExp(source.text(), source.text()));
    case tags.BIGINT64:
      return source.bigint64();
    case tags.BIGINT:
      return source.bigint();
    case tags.BOXED:
      return source.met(boxed(source));
    case tags.HANDLE:
      return source.met(handle(source));
    case tags.HANDLE_VIEW:
      return source.met(handleView(source));
    case tags.EXPORT:
      return source.export();
    case tags.INSTANCE:
      return source.body(source.met(Object.create(source.prototype())), false);
    case tags.DERIVED:
      return derived(source);
    case tags.ERROR:
      return readError(source);
    default:
      source.position--;
      return source.corrupt(`${tag} begins no value`);
  }
}

/** Its primitive has no number of its own. */
function boxed(source: SpecialSource): object {
  const value = source.value();
  if (value === null || value === undefined || typeof value === "object") {
    source.corrupt("a primitive is missing");
  }
  return Object(value) as object;
}

/** Reads the number of an object that travels beside the bytes. */
function handle(source: SpecialSource): object {
  const number = source.length();
  if (source.handles === undefined) throw new MissingHandleError(number);
  return source.handles.resolve(number) as object;
}

function handleView(source: SpecialSource): ArrayBufferView {
  const kind = source.byte();
  const buffer = handle(source);
  const offset = source.length();
  return makeView(source, kind, buffer, offset, source.length() - 1);
}

function derived(source: SpecialSource): object {
  const prototype = source.prototype();
  const first = source.bytes[source.position];
  const value = source.value();
  if (typeof value !== "object" || value === null || first === tags.REFERENCE) {
    source.corrupt("a built-in is missing");
  }
  Object.setPrototypeOf(value, prototype);
  source.pairs(value, -1);
  return value;
}
