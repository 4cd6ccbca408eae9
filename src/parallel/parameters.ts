/**
 * Which of its arguments a function may look at.
 *
 * @module
 */
import { closureParts } from "../task/closure.ts";
import { isRemote } from "../task/registry.ts";

/** An arrow function with one parameter, which is a name. */
const ONE_NAME = /^(async\s+)?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*\s*=>/u;
/** Whatever makes a list of parameters hard to read: defaults, rests, comments, strings, calls. */
const HARD = /[=(/"'`]|\.\.\./;

/**
 * Tells by a function's source whether it may look at an argument. Where that cannot
 * be told for sure, it may.
 *
 * @param fn A task function.
 * @param place The argument's place.
 * @returns Whether it may.
 */
export function mayUse(fn: object, place: number): boolean {
  if (isRemote(fn)) return true;
  const text = closureParts(fn)?.source ?? Function.prototype.toString.call(fn);
  if (text.includes("arguments") || text.includes("[native code]")) return true;
  if (ONE_NAME.test(text)) return place > 0;
  const open = text.indexOf("(");
  const list = text.slice(open + 1, text.indexOf(")", open));
  if (open < 0 || HARD.test(text.slice(0, open)) || HARD.test(list)) return true;
  return countOf(list) > place;
}

/** @returns How many parameters a list has that is not hard to read. */
function countOf(list: string): number {
  let depth = 0;
  let commas = 0;
  for (const character of list) {
    if ("{[".includes(character)) depth++;
    else if ("}]".includes(character)) depth--;
    else if (character === "," && depth === 0) commas++;
  }
  // The last one may be followed by a comma.
  return list.trim() === "" ? 0 : /,\s*$/.test(list) ? commas : commas + 1;
}
