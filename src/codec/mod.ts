/**
 * Values to bytes and back. Knows nothing of threads.
 *
 * @module
 */
export { Decoder } from "./decoder.ts";
export { ENCODE_ANEW } from "./encode_anew.ts";
export { Encoder } from "./encoder.ts";
export { MissingHandleError } from "./missing_handle.ts";
export { MissingModuleError } from "./missing_module.ts";
export type {
  CodecOptions,
  Format,
  Grow,
  HandleNumbers,
  Handles,
  Identities,
  Identity,
  Region,
  Shapes,
  Travel,
} from "./types.ts";
