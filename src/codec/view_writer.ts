import { brandOf } from "./brands.ts";
import type { Session } from "./session.ts";
import { BUFFER, HANDLE, HANDLE_VIEW, VIEW } from "./tags.ts";
import {
  elementSize,
  kindOf,
  type ResizableBuffer,
  tracksLength,
  tracksSharedLength,
} from "./views.ts";

/**
 * Writes a typed array or DataView; its contents follow with the table of buffers.
 *
 * @param session Where to.
 * @param view The view.
 */
export function writeView(session: Session, view: ArrayBufferView): void {
  if (session.lent?.has(view.buffer)) {
    return writeView(session, copyOf(view));
  }
  const buffer = view.buffer as ArrayBuffer;
  const isShared = !(buffer instanceof ArrayBuffer) && brandOf(buffer) !== "ArrayBuffer";
  const handle = isShared || session.handles?.takesBuffers ? numberOf(session, buffer) : undefined;
  if (isShared && handle === undefined) {
    session.refuse("a view on a SharedArrayBuffer cannot be written into shared memory");
  }
  const kind = kindOf(view);
  if (kind < 0) session.refuse("it is a view of a kind that is not known");
  let offset: number;
  let size: number;
  try {
    offset = view.byteOffset;
    size = view.byteLength;
  } catch (error) {
    session.refuse("its buffer is detached, or shorter than the view", error);
  }
  if (size === 0) checkAttached(session, buffer);
  const element = elementSize(kind);
  const resizable = (buffer as unknown as ResizableBuffer).resizable === true;
  if (resizable && !isInBounds(view, kind)) {
    session.refuse("its buffer is shorter than the view");
  }
  const follows = isShared
    ? tracksSharedLength(view, element)
    : resizable && tracksLength(view, buffer as unknown as ResizableBuffer, element);
  session.byte(handle === undefined ? VIEW : HANDLE_VIEW);
  session.byte(kind);
  session.length(handle ?? session.buffers.view(buffer, offset, size));
  session.length(offset);
  session.length(follows ? 0 : size / element + 1);
}

/** The number that a buffer travels under beside the bytes, if it does. */
function numberOf(session: Session, buffer: ArrayBuffer): number | undefined {
  const travel = session.handles?.travelOf(buffer);
  if (typeof travel === "string") session.refuse(travel);
  return travel as number | undefined;
}

/** A lent view ends with the call: what is sent is a copy with a buffer of its own. */
function copyOf(view: ArrayBufferView): ArrayBufferView {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  const Kind = view.constructor as new (buffer: ArrayBuffer) => ArrayBufferView;
  return new Kind(bytes.buffer);
}

function isInBounds(view: ArrayBufferView, kind: number): boolean {
  if (kind === 0 || view.byteLength > 0) return true;
  try {
    Uint8Array.prototype.keys.call(view as Uint8Array);
    return true;
  } catch {
    // Methods of a typed array throw where it is out of bounds.
    return false;
  }
}

/**
 * Writes a buffer that is itself a value.
 *
 * @param session Where to.
 * @param buffer The buffer.
 */
export function writeBuffer(session: Session, buffer: ArrayBuffer): void {
  checkAttached(session, buffer);
  const handle = session.handles?.takesBuffers ? numberOf(session, buffer) : undefined;
  if (handle !== undefined) {
    session.byte(HANDLE);
    return session.length(handle);
  }
  session.byte(BUFFER);
  session.length(session.buffers.whole(buffer));
}

function checkAttached(session: Session, buffer: ArrayBuffer): void {
  try {
    if (buffer.byteLength === 0) new Uint8Array(buffer);
  } catch (error) {
    session.refuse("its buffer is detached", error);
  }
}
