/**
 * The kinds of views on memory, by number.
 *
 * @module
 */

/** Builds a view of one kind. */
export type ViewConstructor = {
  new (buffer: ArrayBufferLike, offset?: number, length?: number): ArrayBufferView;
  readonly prototype: ArrayBufferView;
  readonly BYTES_PER_ELEMENT?: number;
};

// The order is part of the format.
const names = [
  "DataView",
  "Uint8Array",
  "Int8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
];

const constructors: readonly (ViewConstructor | undefined)[] = names.map((name) =>
  (globalThis as unknown as Record<string, ViewConstructor | undefined>)[name]
);

const kinds: ReadonlyMap<string | undefined, number> = new Map(
  names.map((name, kind) => [kind === 0 ? undefined : name, kind]),
);

const tag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get as (this: unknown) => string | undefined;

/** The prototypes of all kinds that this runtime has. */
export const viewPrototypes: readonly object[] = constructors
  .filter((type) => type !== undefined)
  .map((type) => type.prototype);

/** The kind of `Uint8Array`. */
export const KIND_UINT8 = 1;

/**
 * @param view Any view.
 * @returns The number of its kind, or -1 for a kind that is not known here.
 */
export function kindOf(view: ArrayBufferView): number {
  return kinds.get(tag.call(view)) ?? -1;
}

/**
 * @param kind The number of a kind.
 * @returns Its constructor, `undefined` where the runtime has none.
 */
export function viewConstructor(kind: number): ViewConstructor | undefined {
  return constructors[kind];
}

/**
 * @param kind The number of a kind.
 * @returns The kind's name.
 */
export function kindName(kind: number): string {
  return names[kind] ?? `view of kind ${kind}`;
}

/**
 * @param kind The number of a kind that exists here.
 * @returns The size of one element in bytes.
 */
export function elementSize(kind: number): number {
  return constructors[kind]?.BYTES_PER_ELEMENT ?? 1;
}

/**
 * Finds out whether a view follows the length of its resizable buffer. The
 * language has no way to ask: the buffer is resized by a byte or a few, and back.
 *
 * @param view A view that is not out of bounds.
 * @param buffer Its buffer.
 * @param size The size of its elements.
 */
export function tracksLength(
  view: ArrayBufferView,
  buffer: ResizableBuffer,
  size: number,
): boolean {
  const length = buffer.byteLength;
  const rest = length - view.byteOffset - view.byteLength;
  if (!buffer.resizable || rest >= size) return false;
  const before = view.byteLength;
  const wider = Math.min(length + 8, buffer.maxByteLength);
  if (wider - length + rest >= size) {
    buffer.resize(wider);
    const follows = view.byteLength !== before;
    buffer.resize(length);
    return follows;
  }
  if (before === 0) return false;
  const cut = rest + 1;
  const saved = new Uint8Array(buffer as ArrayBuffer, length - cut).slice();
  buffer.resize(length - cut);
  // A view of fixed length that reached to the end is out of bounds now.
  const follows = isInBounds(view);
  buffer.resize(length);
  new Uint8Array(buffer as ArrayBuffer, length - cut).set(saved);
  return follows;
}

/**
 * Finds out whether a view follows the length of its growable SharedArrayBuffer. Other
 * threads use that, and nothing that grew shrinks again: only a copy of the view, on the
 * same memory, may be tried. Views that follow refuse to become non-extensible. Where
 * the engine does not know that rule yet, and for DataViews, a view that reaches to
 * the very end is taken for one that follows.
 *
 * @param view A view on a SharedArrayBuffer.
 * @param size The size of its elements.
 */
export function tracksSharedLength(view: ArrayBufferView, size: number): boolean {
  const buffer = view.buffer as unknown as { growable?: boolean; byteLength: number };
  // Read first: the buffer may grow at any time, and a view that follows it with it.
  const { byteLength } = buffer;
  if (buffer.growable !== true) return false;
  if (byteLength - view.byteOffset - view.byteLength >= size) return false;
  if (view instanceof DataView || !knowsFixedLengths()) return true;
  return !Reflect.preventExtensions(structuredClone(view));
}

let fixedLengths: boolean | undefined;

function knowsFixedLengths(): boolean {
  if (fixedLengths !== undefined) return fixedLengths;
  const growable = SharedArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer;
  const view = new Uint8Array(new growable(1, { maxByteLength: 2 }));
  return (fixedLengths = !Reflect.preventExtensions(view));
}

/** An ArrayBuffer of a runtime that can resize it. */
export interface ResizableBuffer {
  /** Its length now. */
  readonly byteLength: number;
  /** The length that it may have. */
  readonly maxByteLength: number;
  /** Whether its length may change. */
  readonly resizable: boolean;
  /** Whether it was transferred away; `undefined` in older runtimes. */
  readonly detached?: boolean;
  /** Changes its length. */
  resize(length: number): void;
}

function isInBounds(view: ArrayBufferView): boolean {
  try {
    if (view instanceof DataView) return view.byteLength >= 0;
    Uint8Array.prototype.keys.call(view as Uint8Array);
    return true;
  } catch {
    // Methods of a typed array throw where it is out of bounds.
    return false;
  }
}
