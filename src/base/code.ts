/**
 * Code that messages tell users to write.
 *
 * @module
 */

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
/** What has the form of a name, but can name no variable in strict code. */
const RESERVED = new Set(
  ("arguments break case catch class const continue debugger default delete do else enum eval " +
    "export extends false finally for function if implements import in instanceof interface let " +
    "new null package private protected public return static super switch this throw true try " +
    "typeof var void while with yield").split(" "),
);

/** How the text ends that stands for the source of what is built in or bound. */
const SOURCELESS = /\{\s*\[native code\]\s*\}\s*$/;

/** @returns Whether a function's text only stands for its source, as that of what is built in or bound. */
export function isSourceless(text: string): boolean {
  return SOURCELESS.test(text);
}

/** @returns Whether a text has the form of a name, as properties have that stand behind a point. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** @returns Whether a text can name a variable in strict code. */
export function isVariableName(text: string): boolean {
  return IDENTIFIER.test(text) && !RESERVED.has(text);
}

/** @returns The name of a function or class, or one for it where it has none that a variable can have. */
export function nameInCode(name: string, otherwise: string): string {
  return isVariableName(name) && name !== "await" ? name : otherwise;
}

/**
 * @param name What a function or class is called, maybe by its export.
 * @param otherwise A name for it where that is none.
 * @returns What registers it.
 */
export function registration(name: string, otherwise: string): string {
  const variable = nameInCode(name, otherwise);
  const member = name === "default" ? `default: ${variable}` : variable;
  return `register(import.meta.url, { ${member} })`;
}
