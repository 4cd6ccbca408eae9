/** Task functions of a program that has the package from npm. */
import { register } from "@multicore/multicore";

export const double = (n: number): number => 2 * n;

export const add = (a: number, b: number): number => a + b;

export function fail(): never {
  throw new RangeError("as it should");
}

register(import.meta.url, { double, add, fail });
