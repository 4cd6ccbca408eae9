/**
 * The codec's contracts with whoever drives it: memory, identities, shapes, text.
 *
 * @module
 */
import type { Natives } from "../base/natives.ts";

/**
 * A stretch of memory. `bytes` and `view` cover the same buffer from its offset
 * 0 and have an explicit length; `start` and `end` are offsets in it.
 */
export interface Region {
  /** The whole buffer, byte by byte. */
  readonly bytes: Uint8Array;
  /** The whole buffer, number by number. */
  readonly view: DataView;
  /** Where the region begins; a multiple of 8. */
  readonly start: number;
  /** Where the region ends; the byte there is no longer part of it. */
  readonly end: number;
}

/**
 * Called by the encoder when its region is full.
 *
 * @param used The number of bytes written so far; the encoder copies them from
 * the old start to the new one itself.
 * @param needed The length in bytes that the new region must have at the least.
 * Small values ask for a few bytes at a time, so whoever answers should round up.
 * @returns The larger region.
 * @throws What it likes, for instance `PayloadTooLargeError`; the encoder passes
 * it on and can be used again.
 */
export type Grow = (used: number, needed: number) => Region;

/** How values are written; the first byte of each encoding says which was used. */
export type Format = "structured" | "json" | "string" | "bytes";

/** What names a function or a class wherever it is imported. */
export interface Identity {
  /** The specifier of the module that exports it. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
}

/** From functions and classes to their identities, and back. */
export interface Identities {
  /**
   * @param value A function, or the constructor of an instance.
   * @returns Its identity, or `undefined` where it was never registered.
   */
  identify(value: object): Identity | undefined;
  /**
   * @param module The specifier.
   * @param name The name of the export.
   * @returns The function or class.
   * @throws {MissingModuleError} Where the module has not been imported yet.
   */
  resolve(module: string, name: string): unknown;
}

/**
 * Lists of keys of plain objects, sent once and from then on by number.
 * Append-only, and the same on both sides.
 */
export interface Shapes {
  /**
   * @param keys The keys of an object, in their order.
   * @returns The number of the list, or -1 where the table is full.
   */
  intern(keys: string[]): number;
  /**
   * @param id A number that `intern` returned, here or on the other side.
   * @returns The keys.
   */
  keys(id: number): readonly string[];
}

/**
 * What becomes of an object that bytes cannot hold: it travels beside them under a
 * number; another value stands in its place; or the reason why it cannot be sent.
 */
export type Travel = number | { readonly inner: unknown } | string;

/** Numbers for objects that travel beside the bytes: how one encoding names them. */
export interface HandleNumbers {
  /**
   * Asked for each SharedArrayBuffer, itself or behind a view; for ArrayBuffers where
   * it takes them; and for objects that would otherwise be refused.
   *
   * @param value The object.
   * @returns What becomes of it; `undefined` where that is none of its business.
   * @throws `ENCODE_ANEW` where the encoding is to be given up and begun anew.
   */
  travelOf(value: object): Travel | undefined;
  /** Whether it wants to be asked for ArrayBuffers. */
  readonly takesBuffers: boolean;
}

/** The objects that travelled beside bytes, by their numbers. */
export interface Handles {
  /**
   * @param number What the encoding calls it.
   * @returns The object.
   * @throws {MissingHandleError} Where it is not there (yet).
   */
  resolve(number: number): unknown;
}

/** What an `Encoder` is built from. */
export interface CodecOptions {
  /** Gives the encoder more room. */
  readonly grow: Grow;
  /** Names functions and classes. */
  readonly identities: Identities;
  /** Numbers lists of keys; without it the keys are written each time. */
  readonly shapes?: Shapes;
  /** The runtime's fast ways. */
  readonly natives: Natives;
  /** Shared memories that views are lent on: values may have such views, which are copied. */
  readonly lent?: { has(buffer: object): boolean };
  /** Decoder: the objects that travelled beside the bytes. */
  readonly handles?: Handles;
}
