/** Stands for `node:path`, as far as the suite uses it. */
export const join = (...parts) => parts.join("/");
