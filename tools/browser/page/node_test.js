/** Stands for `node:test`, as far as the suite uses it. */
export const tests = [];

/** @param {[name: string, options?: object, run: Function]} args */
export function test(name, ...args) {
  const run = args.pop();
  tests.push({ name, options: args[0] ?? {}, run });
}
