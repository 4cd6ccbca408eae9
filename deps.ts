/**
 * What the tests, benchmarks and tools of this repository use from elsewhere.
 * Nothing in `src/` imports it.
 *
 * `@std/assert` is mapped to a local file in deno.json and tsconfig.json.
 *
 * @module
 */

export * from "@std/assert";
export { default as fc } from "fast-check";
