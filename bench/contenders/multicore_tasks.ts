/**
 * The task functions, made known to this library.
 *
 * @module
 */
import { register } from "../../mod.ts";
import { busy, even, make, nothing, same, skewed, take, work } from "../tasks.ts";

export { busy, even, make, nothing, same, skewed, take, work };

register(import.meta.url, { busy, even, make, nothing, same, skewed, take, work });
