/**
 * The formats that are no structured values: JSON, strings, bytes.
 *
 * @module
 */
import { NotSerializableError } from "../base/errors.ts";
import { describe, messageOf } from "./describe.ts";
import { BYTES, JSON_TEXT, STRINGS } from "./tags.ts";
import type { Writer } from "./writer.ts";

/** In a JSON encoding: a text follows. */
export const JSON_VALUE = 1;
/** In a JSON encoding: the value is `undefined`, for which JSON has no text. */
export const JSON_UNDEFINED = 0;

/**
 * Writes a value as JSON.
 *
 * @throws {NotSerializableError} For what `JSON.stringify` refuses or leaves out.
 */
export function writeJson(writer: Writer, root: string, value: unknown): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new NotSerializableError(root, `as JSON: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined && value !== undefined) {
    throw new NotSerializableError(root, `${describe(value)} cannot be written as JSON`);
  }
  writer.byte(JSON_TEXT);
  writer.byte(text === undefined ? JSON_UNDEFINED : JSON_VALUE);
  if (text !== undefined) writer.string(text);
}

/**
 * Writes strings, each with its tag.
 *
 * @param path Names the value at an index.
 * @throws {NotSerializableError} For what is no string.
 */
export function writeStrings(
  writer: Writer,
  values: readonly unknown[],
  path: (index: number) => string,
): void {
  writer.byte(STRINGS);
  writer.length(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "string") {
      throw new NotSerializableError(
        path(i),
        `${describe(value)}, and the format "string" takes strings only`,
      );
    }
    writer.string(value);
  }
}

/**
 * Writes `Uint8Array`s, each at a multiple of eight bytes.
 *
 * @param path Names the value at an index.
 * @throws {NotSerializableError} For what is no `Uint8Array`.
 */
export function writeByteArrays(
  writer: Writer,
  values: readonly unknown[],
  path: (index: number) => string,
): void {
  writer.byte(BYTES);
  writer.length(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value instanceof Uint8Array)) {
      throw new NotSerializableError(
        path(i),
        `${describe(value)}, and the format "bytes" takes Uint8Arrays only`,
      );
    }
    const size = value.byteLength;
    // The length takes up to eight bytes, and the padding up to seven.
    if (writer.position + size > writer.limit) writer.room(size + 16);
    writer.length(size);
    writer.align();
    if (writer.position + size > writer.limit) writer.room(size);
    writer.bytes.set(value, writer.position);
    writer.position += size;
  }
}
