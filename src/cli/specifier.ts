/**
 * Which function to run.
 *
 * @module
 */
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { misuse, reason } from "./exit.ts";

/** A function, as workers find it. */
export interface FunctionName {
  /** An absolute specifier. */
  readonly module: string;
  /** What the module calls it. */
  readonly name: string;
}

/** More than one letter: `C:` is a drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param text `MODULE#EXPORT`, the module a path or a URL.
 * @param folder Where relative paths start, and packages are looked for.
 * @throws {Exit} Where there is no such file or package, or it cannot be imported here.
 */
export function functionName(text: string, folder: string): FunctionName {
  const hash = text.lastIndexOf("#");
  const [module, name] = [text.slice(0, hash), text.slice(hash + 1)];
  if (hash < 1 || name === "") {
    throw misuse(
      `Cannot tell the function from ${JSON.stringify(text)}: write MODULE#EXPORT, for instance ` +
        `./users.ts#render, or ./users.ts#default for the default export`,
    );
  }
  if (module.startsWith("npm:")) return { module: npmPackage(module, folder), name };
  if (SCHEME.test(module)) return { module: checkFile(new URL(module)), name };
  return { module: checkFile(pathToFileURL(resolve(folder, module))), name };
}

/**
 * @param text As for {@linkcode functionName}.
 * @returns What to add where its module could not be imported; mostly nothing.
 */
export function importAdvice(text: string): string {
  const [scheme] = /^(https?|jsr):/.exec(text) ?? [];
  if (scheme === undefined || process.versions["deno"]) return "";
  return `. Deno imports ${scheme} by itself; here name a file, or a package that is installed (npm:)`;
}

function checkFile(url: URL): string {
  if (url.protocol !== "file:") return url.href;
  try {
    if (!statSync(url).isFile()) throw misuse(`Cannot import ${url.href}: it is no file`);
  } catch (error) {
    throw misuse(`Cannot import ${url.href}: ${reason(error)}`);
  }
  if (/\.[mc]?tsx?$/.test(url.pathname) && !importsTypeScript()) {
    throw misuse(
      `Cannot import ${url.href}: Node ${process.versions.node} runs no TypeScript. Use Node 22.18 ` +
        `or later, Deno or Bun, or name the JavaScript that is built of it`,
    );
  }
  return url.href;
}

function importsTypeScript(): boolean {
  if (process.versions["deno"] || process.versions["bun"]) return true;
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** Deno fetches packages by itself; elsewhere they are those that the folder's programs get. */
function npmPackage(specifier: string, folder: string): string {
  if (process.versions["deno"]) return specifier;
  const name = specifier.slice("npm:".length);
  try {
    return pathToFileURL(createRequire(join(folder, "any.js")).resolve(name)).href;
  } catch (error) {
    throw misuse(
      `Cannot import ${specifier}: ${(error as Error).message.split("\n")[0]}. ` +
        `Install the package in this folder, and name it without a version`,
    );
  }
}
