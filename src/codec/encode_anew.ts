/**
 * What a driver throws to give up an encoding that has to be begun anew: it has come
 * upon something that whoever drives it must prepare for. Always the same object, so
 * that it costs nothing; it passes through the encoder as it is.
 */
export const ENCODE_ANEW: unknown = Object.freeze({
  toString: () => "the encoding is to be begun anew",
});
