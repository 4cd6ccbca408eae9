import { test } from "node:test";
import { assertEquals, assertThrows } from "../../deps.ts";
import { readCommand } from "../../src/cli/command.ts";
import { Exit, USAGE } from "../../src/cli/exit.ts";
import { functionName, importAdvice } from "../../src/cli/specifier.ts";
import { RUNTIME } from "../support/program.ts";
import { FUNCTIONS } from "./command.ts";

/** Checks that something ends the program for a command that makes no sense. */
function assertMisuse(attempt: () => unknown, message: string): void {
  const exit = assertThrows(attempt, Exit, message);
  assertEquals(exit.status, USAGE);
}

test("readCommand reads all options, and knows what they are without them", () => {
  const defaults = {
    fn: "a#b",
    input: "-",
    output: "-",
    inputFormat: "json",
    outputFormat: "json",
    onError: "stop",
    errors: "-",
  };
  assertEquals({ ...readCommand(["map", "a#b"]) }, defaults as never);
  const short = ["-i", "in", "-o", "out", "-w", "3", "-c", "40", "-f", "-q"];
  const long = ["--input-format=text", "--output-format=text", "--errors=e"];
  assertEquals({ ...readCommand(["map", ...short, "a#b", ...long]) }, {
    ...{ fn: "a#b", input: "in", output: "out", workers: 3, chunk: 40, force: true, quiet: true },
    ...{ inputFormat: "text", outputFormat: "text", errors: "e", onError: "collect" },
  } as never);
});

test("readCommand refuses what makes no sense", () => {
  const refused: [args: string[], message: string][] = [
    [["fold"], "unknown command 'fold'"],
    [["map"], "missing required argument 'function'"],
    [["map", "a#b", "c"], "too many arguments"],
    [["map", "a#b", "--wrokers", "2"], "Did you mean --workers"],
    [["map", "a#b", "--workers", "0"], "'0' is invalid. It must be an integer from 1 to 127"],
    [["map", "a#b", "--workers", "128"], "'128' is invalid"],
    [["map", "a#b", "--chunk", "1.5"], "'1.5' is invalid"],
    [["map", "a#b", "--input"], "argument missing"],
    [["map", "a#b", "--on-error", "ignore"], "'ignore' is invalid. Allowed choices are stop, skip"],
    [["map", "a#b", "--errors", "e", "--on-error", "skip"], "nothing is collected"],
    [["map", "a#b", "--errors", "e", "--output", "e"], "it is the output's file"],
  ];
  for (const [args, message] of refused) assertMisuse(() => readCommand(args), message);
});

test("functionName takes paths and URLs", () => {
  const { pathname } = new URL(FUNCTIONS);
  const name = "render";
  for (const module of [FUNCTIONS, pathname, `.${pathname}`, pathname.slice(1)]) {
    assertEquals(functionName(`${module}#${name}`, "/"), { module: FUNCTIONS, name });
  }
  const remote = "https://example.com/a.js?b";
  assertEquals(functionName(`${remote}#default`, "/"), { module: remote, name: "default" });
});

test("functionName refuses what names no function, and files that are not there", () => {
  const refused: [text: string, message: string][] = [
    [FUNCTIONS, "write MODULE#EXPORT"],
    [`${FUNCTIONS}#`, "write MODULE#EXPORT"],
    ["#render", "write MODULE#EXPORT"],
    ["./absent.js#render", "absent.js: there is no such file"],
    [".#render", "it is no file"],
  ];
  for (const [text, message] of refused) assertMisuse(() => functionName(text, "/"), message);
});

test("importAdvice says what Bun and Node import in place of URLs that only Deno fetches", () => {
  for (const name of ["jsr:@ada/users@1#render", "https://example.com/a.js#b"]) {
    assertEquals(importAdvice(name).includes("a package that is installed"), RUNTIME !== "deno");
  }
  for (const name of ["npm:marked#parse", "./jsr.js#b", "data:text/javascript,1#b"]) {
    assertEquals(importAdvice(name), "");
  }
});
