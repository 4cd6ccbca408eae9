/**
 * Values to bytes and back. Knows nothing of threads.
 *
 * @module
 */
export { Decoder } from "./decoder.ts";
export { Encoder } from "./encoder.ts";
export { MissingModuleError } from "./missing_module.ts";
export { portableText } from "./text.ts";
export type {
  CodecOptions,
  Format,
  Grow,
  Identities,
  Identity,
  Region,
  Shapes,
  TextDriver,
} from "./types.ts";
