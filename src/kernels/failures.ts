/**
 * What a user's function threw in the middle of a chunk, as bytes beside the
 * results before it: among values an error would be held to what can be sent,
 * while of a thrown one the rest is described.
 *
 * @module
 */
import { Decoder, MissingModuleError } from "../codec/mod.ts";
import { runtime } from "../runtime/mod.ts";
import { Modules } from "../task/modules.ts";
import { Outbox } from "../task/outbox.ts";
import { poolWorker } from "../task/whereabouts.ts";

const modules = new Modules();
const context = { identities: modules, natives: runtime.natives };

/** @returns What was thrown, as bytes that can be sent; of an error that has more, less of it. */
export function encodeFailure(thrown: unknown): Uint8Array {
  const most = poolWorker()?.largest;
  const outbox = new Outbox(undefined, undefined, context, undefined, undefined, most).toScratch();
  outbox.error(thrown);
  return outbox.bytes!.slice();
}

/** @returns What was thrown, of the same class where this thread can import it. */
export async function decodeFailure(bytes: Uint8Array): Promise<unknown> {
  const { buffer } = bytes.slice();
  for (;;) {
    try {
      return new Decoder(context).error(
        new Uint8Array(buffer),
        new DataView(buffer),
        0,
        buffer.byteLength,
      );
    } catch (error) {
      if (!(error instanceof MissingModuleError)) return error;
      try {
        await modules.load(error.module);
      } catch (failure) {
        return failure;
      }
    }
  }
}
