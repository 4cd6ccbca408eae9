/**
 * What the fuzzer runs: `npm run fuzz` bundles it to one file.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert";
import { Decoder } from "../../src/codec/decoder.ts";
import { ARRAY, NULL, SHORT, SMALL_ZERO, STRUCTURED } from "../../src/codec/tags.ts";
import { decodeAnyhow } from "./arbitrary_bytes.ts";
import { isUntouched, world } from "./fuzz_world.ts";

const good = [5, "A", null];
const encoded = new Uint8Array([STRUCTURED, ARRAY, 3, SMALL_ZERO + 5, SHORT + 1, 65, NULL]);
const view = new DataView(encoded.buffer);

/**
 * Decodes any bytes as all that they may be. The decoder is a new one, so that nothing
 * depends on the inputs before; it must work as ever afterwards.
 *
 * @throws Where a decoder does what it may not.
 */
export function fuzz(bytes: Uint8Array): void {
  const decoder = new Decoder(world);
  decodeAnyhow(decoder, bytes);
  if (!isUntouched()) throw new Error("What belongs to a module was changed");
  deepStrictEqual(decoder.value(encoded, view, 0, encoded.length), good);
}
