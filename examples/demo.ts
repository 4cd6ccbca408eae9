/**
 * Shows what going parallel brings on this machine, in the runtime that runs this:
 *
 * 1. trivial calls, which show what a call costs;
 * 2. 100 users to render, 10 ms of computing each;
 * 3. all text files under a folder: SHA-256, lines and words of each, and the
 *    most frequent words of all.
 *
 * 2 and 3 are done sequentially, then in parallel, and the results are compared.
 *
 * - `npm run demo`, or `npm run demo -- --runtime=bun FOLDER`
 * - `deno task demo`, or `deno task demo FOLDER`
 * - `bun examples/demo.ts`, or `bun examples/demo.ts FOLDER`
 *
 * Without a folder it takes the project's own, with whatever is installed there.
 *
 * @module
 */
import { initialize, NUMBER_OF_WORKERS, ranges, shutdown, Task } from "@multicore/multicore";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { asText, renderRange, roundsFor, users } from "./demo/render.ts";
import { ProgressBar } from "./demo/progress.ts";
import {
  count,
  fail,
  median,
  ms,
  print,
  printAgreement,
  printTimes,
  runtimeName,
  us,
} from "./demo/report.ts";
import { type FileFacts, type Frequencies, survey, takeFrequencies } from "./demo/survey.ts";
import { listTextFiles, projectFolder, type TextFile } from "./demo/text_files.ts";
import { Totals } from "./demo/totals.ts";

/** What takes less than this many milliseconds tells more about starting than about working. */
const SHORT = 300;
/** What takes longer than this many milliseconds is not done a second time. */
const LONG = 3000;

/** Imported while the workers start, so that no call has to wait for that. */
const TASK_MODULES = [
  new URL("./demo/render.ts", import.meta.url),
  new URL("./demo/survey.ts", import.meta.url),
];

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 1) return fail("Usage: demo.ts [FOLDER]");
  const folder = resolve(args[0] ?? projectFolder());
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return fail(`Cannot survey ${folder}: there is no such folder`);
  }
  const began = performance.now();
  await initialize({ preload: TASK_MODULES });
  const time = performance.now() - began;
  print(`multicore in ${runtimeName()}: ${NUMBER_OF_WORKERS} workers, ready after ${ms(time)}`);
  await callTrivially();
  await renderUsers();
  await surveyFiles(folder);
  await shutdown();
}

async function callTrivially(): Promise<void> {
  print("\n1. Twenty trivial calls");
  const task = new Task<string>();
  for (let i = 0; i < 20; i++) task.run(asText, i);
  print(`   ${(await task.get()).join(", ")}`);

  const calls = 1000;
  const single: number[] = [];
  const together: number[] = [];
  for (let round = 0; round < 15; round++) {
    single.push(
      await timed(calls, async () => {
        for (let i = 0; i < calls; i++) await callOnce(i);
      }),
    );
    together.push(await timed(calls, () => callAtOnce(calls)));
  }
  print(
    `   Overhead per call: ${us(median(single))} one after another, ` +
      `${us(median(together))} with ${count(calls)} at once`,
  );
}

async function callOnce(n: number): Promise<void> {
  const task = new Task<string>();
  task.run(asText, n);
  await task.get();
}

async function callAtOnce(calls: number): Promise<void> {
  const task = new Task<string>();
  for (let i = 0; i < calls; i++) task.run(asText, i);
  await task.get();
}

async function renderUsers(): Promise<void> {
  print(`\n2. ${users.length} users, 10 ms of computing each`);
  const rounds = roundsFor(10);
  let began = performance.now();
  const sequential = renderRange(0, users.length, rounds);
  const sequentialTime = performance.now() - began;

  began = performance.now();
  const task = new Task<string>();
  for (const [start, end] of ranges(users)) task.run(renderRange, start, end, rounds);
  const calls = task.size;
  const parallel = (await task.get()).join("");
  const parallelTime = performance.now() - began;

  printTimes(sequentialTime, parallelTime, calls);
  printAgreement("users in order", sequential === parallel ? undefined : "the page");
}

async function surveyFiles(folder: string): Promise<void> {
  print(`\n3. The text files under ${folder}`);
  const { files, binary, unreadable } = listTextFiles(folder);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  print(
    `   ${count(files.length)} files, ${(bytes / 1e6).toFixed(1)} MB; ` +
      `left out: ${count(binary)} not text, ${count(unreadable)} unreadable`,
  );
  const { totals, time } = await surveyBothWays("cold", files, bytes);
  if (time < LONG) await surveyBothWays("warm", files, bytes);
  printFacts(totals);
  if (time < SHORT) print("   That is too little text to gain much by; pass a folder with more.");
}

/**
 * The first time, every thread has to compile what it runs; the second time shows
 * what a program that goes on working gets.
 */
async function surveyBothWays(
  state: string,
  files: readonly TextFile[],
  bytes: number,
): Promise<{ totals: Totals; time: number }> {
  const began = performance.now();
  const totals = surveySequentially(files, bytes);
  const between = performance.now();
  const parallel = await surveyInParallel(files, bytes);
  const end = performance.now();
  printTimes(between - began, end - between, files.length + NUMBER_OF_WORKERS, state);
  const paths = files.map((file) => file.path);
  printAgreement("every hash, every number", totals.differenceTo(parallel, paths));
  return { totals, time: between - began };
}

function surveySequentially(files: readonly TextFile[], bytes: number): Totals {
  const totals = new Totals();
  const bar = new ProgressBar("Sequential", bytes);
  for (const file of files) {
    totals.files.push(survey(file.path));
    bar.advance(file.bytes);
  }
  totals.addFrequencies(takeFrequencies());
  bar.end();
  return totals;
}

async function surveyInParallel(files: readonly TextFile[], bytes: number): Promise<Totals> {
  const totals = new Totals();
  const bar = new ProgressBar("Parallel", bytes);
  const task = new Task<FileFacts>();
  for (const file of files) task.run(survey, file.path);
  for await (const { index, value } of task.completed()) {
    totals.files[index] = value;
    bar.advance(files[index]!.bytes);
  }
  const counts = new Task<Frequencies>();
  for (let worker = 0; worker < NUMBER_OF_WORKERS; worker++) {
    counts.runWith({ worker }, takeFrequencies);
  }
  for (const frequencies of await counts.get()) totals.addFrequencies(frequencies);
  bar.end();
  return totals;
}

function printFacts(totals: Totals): void {
  const { files, frequencies } = totals;
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const words = files.reduce((sum, file) => sum + file.words, 0);
  print(
    `   ${count(lines)} lines, ${count(words)} words, ${count(frequencies.size)} different ones`,
  );
  for (const [word, times] of totals.mostFrequent(10)) {
    print(`   ${count(times).padStart(12)}  ${word}`);
  }
  const lost = files.filter((file) => file.error !== undefined);
  if (lost.length > 0) print(`   ${count(lost.length)} not read: ${lost[0]!.error}`);
}

async function timed(calls: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / calls;
}
