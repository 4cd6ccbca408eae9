/**
 * What may be written on the command line.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { COLLECTED, DONE, FAILED, misuse, USAGE } from "./exit.ts";
import type { MapOptions } from "./options.ts";
import { VERSION } from "./version.ts";

const MOST_WORKERS = 127;

const STATUSES = `
Exit status:
  ${DONE}    every line was processed; or lines that failed were skipped, as told
  ${FAILED}    the run ended at a line that failed, or a file could not be read or written
  ${USAGE}    nothing was run: the command, the function or a file is not as it must be
  ${COLLECTED}    every line was processed, and some failed and were collected
  130  interrupted (Ctrl-C); 143 terminated: the output ends with a whole line`;

const EXAMPLES = `
Examples:
  multicore map ./users.ts#render --input users.jsonl --output html.jsonl
  zcat log.gz | multicore map ./log.ts#parse --input-format text | head`;

/**
 * @param args What follows the program's name.
 * @returns The options of `map`; `undefined` where help or the version was asked for, and shown.
 * @throws {Exit} Where the command makes no sense.
 */
export function readCommand(args: readonly string[]): MapOptions | undefined {
  let options: MapOptions | undefined;
  const program = new Command("multicore")
    .description("Runs functions over lines on all processors.")
    .version(VERSION, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .configureOutput({
      outputError: () => {}, // what is wrong is said where the program ends
      getOutHasColors: () => false, // there are none; nobody needs to look into the environment
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError();
  mapCommand(program).action((fn: string, given: Omit<MapOptions, "fn">) => {
    options = { ...given, fn };
  });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw misuse(
      error.code === "commander.help"
        ? ""
        : `${error.message.replace(/^error: /, "")}\nSee multicore map --help`,
    );
  }
  if (options !== undefined) checkTogether(options);
  return options;
}

function mapCommand(program: Command): Command {
  return program.command("map")
    .description("Runs a function over the lines of a file, or of standard input, in order.")
    .argument("<function>", "MODULE#EXPORT: a path, or file:, npm:, https: (#default is one too)")
    .option("-i, --input <file>", "what to read; - is standard input", "-")
    .option("-o, --output <file>", "what to write; - is standard output", "-")
    .addOption(format("--input-format <format>", "how a line is read"))
    .addOption(format("--output-format <format>", "how a result is written"))
    .option("-w, --workers <number>", "threads (default: the processors)", upTo(MOST_WORKERS))
    .option("-c, --chunk <lines>", "most lines sent at once (default: by their time)", upTo(1e9))
    .addOption(
      new Option("--on-error <what>", "what becomes of lines that fail")
        .choices(["stop", "skip", "collect"]).default("stop"),
    )
    .addOption(
      new Option("--errors <file>", "where failures are collected; - is standard error")
        .default("-").implies({ onError: "collect" }),
    )
    .option("-f, --force", "overwrite files that exist")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", STATUSES + "\n" + EXAMPLES);
}

function format(flags: string, description: string): Option {
  return new Option(flags, description).choices(["json", "text"]).default("json");
}

function upTo(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`It must be an integer from 1 to ${most}.`);
  };
}

function checkTogether({ onError, errors, output }: MapOptions): void {
  if (errors === "-") return;
  if (onError !== "collect") {
    throw misuse(`Cannot use --errors ${errors}: with --on-error ${onError} nothing is collected`);
  }
  if (errors === output) {
    throw misuse(`Cannot use --errors ${errors}: it is the output's file`);
  }
}
