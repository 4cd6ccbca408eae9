/**
 * All measurements of one runtime: which contenders run there, then each family
 * of rows in a process of its own in which the contenders take turns, then the
 * samples that need a process each.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { NODE_BUILD } from "./build.js";
import { ROOT, run } from "./process.js";
import { BUN, DENO, NODE } from "./setup.js";

/** @typedef {import("../bench/harness/results.ts").Results} Results */
/** @typedef {import("../bench/harness/results.ts").Row} Row */
/** @typedef {import("../bench/harness/results.ts").Presence} Presence */
/** @typedef {import("../bench/harness/statistics.ts").Summary} Summary */
/** @typedef {{ sample?: any, row?: Row, at?: { row: string, entrant: string }, failed?: string }} Line */

/**
 * How a program of bench/ is started, with further flags for V8.
 *
 * @type {Record<string, (name: string, flags: string[]) => [program: string, ...args: string[]]>}
 */
export const STARTS = {
  deno: (name, flags) => [
    DENO,
    "run",
    "--quiet",
    "--allow-all",
    ...(flags.length > 0 ? [`--v8-flags=${flags.join(",")}`] : []),
    join(ROOT, `bench/${name}.ts`),
  ],
  bun: (name) => [BUN, "run", join(ROOT, `bench/${name}.ts`)],
  node: (name, flags) => [NODE, ...flags, join(NODE_BUILD, `bench/${name}.js`)],
};

/** Lets a program collect garbage between blocks, so that nobody pays for another's. */
export const COLLECTS = ["--expose-gc"];

const OURS = "multicore";
/** The same pool as ours, so that some samples need not be taken twice. */
const TWIN = "multicore Task";

/** The longest that a contender may take to show that it runs, in seconds. */
const PROBE = 6;

/** Families in which contenders take turns, with the longest they may take, in seconds. */
const IN_TURNS = { calls: 75, payloads: 120, bytes: 150, cpu: 75, delay: 60 };

/** Families of samples that need a process each. */
const SAMPLED = { startup: measureStartup, idle: measureIdle, memory: measureMemory };

/** All families of rows. */
export const FAMILIES = [...Object.keys(IN_TURNS), ...Object.keys(SAMPLED)];

/**
 * @typedef {object} Plan
 * @property {string} runtime
 * @property {string[]} contenders Names; ours first.
 * @property {string[]} families
 * @property {boolean} quick
 * @property {string} revision
 */

/**
 * @param {Plan} plan
 * @returns {Promise<Results>}
 */
export async function measureRuntime(plan) {
  const began = performance.now();
  const before = os.loadavg()[0];
  const { contenders, version } = await findContenders(plan);
  /** @type {Record<string, string>} Why a contender was given up on the way. */
  const hung = {};
  /** @type {Row[]} */
  const rows = [];
  for (const family of plan.families) {
    const start = performance.now();
    const measureFamily = /** @type {Record<string, typeof measureIdle>} */ (SAMPLED)[family] ??
      ((plan, able) => measureInTurns(plan, family, able));
    const able = Object.keys(contenders)
      .filter((name) => contenders[name].reason === undefined && !(name in hung));
    const found = await measureFamily(plan, able);
    rows.push(...found.map((row) => ({ ...row, failures: { ...row.failures, ...hung } })));
    // Who has hung once would do so again, and take the time of all the others.
    for (const [name, reason] of found.flatMap(({ failures }) => Object.entries(failures ?? {}))) {
      if (name in contenders && name !== OURS && HUNG.test(reason)) hung[name] ??= reason;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${plan.runtime} ${family}: ${found.length} rows, ${seconds} s`);
  }
  return {
    runtime: plan.runtime,
    version,
    date: new Date().toISOString(),
    revision: plan.revision,
    quick: plan.quick,
    seconds: (performance.now() - began) / 1000,
    machine: {
      processor: os.cpus()[0].model.trim(),
      processors: os.availableParallelism(),
      memory: os.totalmem() / 2 ** 30,
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      load: [before, os.loadavg()[0]],
    },
    contenders,
    rows,
  };
}

/**
 * Tries every contender in a process of its own.
 *
 * @param {Plan} plan
 * @returns {Promise<{ contenders: Record<string, Presence>, version: string }>}
 */
async function findContenders(plan) {
  let version = "";
  /** @type {Record<string, Presence>} */
  const contenders = {};
  for (const name of plan.contenders) {
    const order = { job: "probe", contenders: [name] };
    let { lines, problem } = await runJob(plan, order, PROBE);
    // Once more: on a busy machine it may have been bad luck.
    if (problem !== undefined && !plan.quick) {
      ({ lines, problem } = await runJob(plan, order, PROBE));
    }
    const sample = lines.findLast((line) => line.sample !== undefined)?.sample;
    if (name === OURS) version = sample?.version ?? "";
    contenders[name] = {
      ...packageVersion(name),
      ...(sample === undefined
        ? { reason: problem ?? "ends without an answer" }
        : { settings: sample.settings }),
    };
  }
  if (contenders[OURS]?.reason !== undefined) {
    throw new Error(`Cannot measure: ${OURS} does not run: ${contenders[OURS].reason}`);
  }
  for (const [name, { reason }] of Object.entries(contenders)) {
    if (reason !== undefined) console.log(`${plan.runtime}: ${name} does not run here: ${reason}`);
  }
  return { contenders, version };
}

/** @param {string} name @returns {{ version?: string }} */
function packageVersion(name) {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "bench/package.json"), "utf8"));
  return name in dependencies ? { version: dependencies[name] } : {};
}

/**
 * @param {Plan} plan @param {string} family @param {string[]} able
 * @returns {Promise<Row[]>}
 */
async function measureInTurns(plan, family, able) {
  const seconds = /** @type {Record<string, number>} */ (IN_TURNS)[family];
  /** @type {Record<string, string>} */
  const failures = {};
  /** @type {Row[]} */
  let rows = [];
  // Who brings the process down is left out, and the family measured again.
  for (let attempt = 0; attempt < 2; attempt++) {
    const contenders = able.filter((name) => !(name in failures));
    const { lines, problem } = await runJob(plan, { job: family, contenders }, seconds);
    const found = lines.flatMap(({ row }) => row ?? []);
    if (found.length >= rows.length) rows = found;
    if (problem === undefined) break;
    const at = lines.findLast((line) => line.at !== undefined)?.at;
    console.error(`${plan.runtime} ${family}: ${problem}, at ${at?.row} with ${at?.entrant}`);
    if (at === undefined || at.entrant === OURS || !able.includes(at.entrant)) break;
    failures[at.entrant] = `${problem} (${at.row})`;
  }
  return rows.map((row) => ({ ...row, failures: { ...row.failures, ...failures } }));
}

/**
 * @param {Plan} plan @param {string[]} able
 * @returns {Promise<Row[]>}
 */
async function measureStartup(plan, able) {
  const names = [...able.filter((name) => name !== TWIN), "bare worker"];
  const rounds = plan.quick ? 1 : 5;
  const sizes = plan.quick ? [1] : [1, 0]; // 0 is a worker for each processor
  /** @type {Record<string, Record<string, number[]>>} Samples by row, then by contender. */
  const samples = {};
  /** @type {Record<string, string>} */
  const failures = {};
  for (let round = 0; round < rounds; round++) {
    for (const workers of sizes) {
      for (const name of names) {
        if (HUNG.test(failures[name] ?? "")) continue;
        const order = { job: "startup", contenders: [name], workers };
        const { lines, problem } = await runJob(plan, order, PROBE);
        const sample = lines.find((line) => line.sample !== undefined)?.sample;
        if (sample === undefined) {
          failures[name] = problem ?? "ends without an answer";
          continue;
        }
        const suffix = workers === 0 ? "all" : "1";
        for (const [key, value] of Object.entries(sample)) {
          ((samples[key === "load" ? "load" : `${key}-${suffix}`] ??= {})[name] ??= []).push(value);
        }
      }
    }
  }
  const titles = {
    "load": "loading the library",
    "ready-1": "1 worker until ready",
    "first-1": "1 worker until the first result",
    "ready-all": "a worker for each processor until all are ready",
    "first-all": "a worker for each processor until the first result",
  };
  return Object.entries(titles).flatMap(([id, title]) => {
    const byName = samples[id];
    if (byName === undefined) return [];
    return {
      family: "startup",
      id,
      title,
      unit: "ms",
      figures: mapValues(byName, summarize),
      ratios: mapValues(
        byName,
        (values) => summarize(values.map((value, round) => value / (byName[OURS][round] ?? NaN))),
      ),
      failures,
    };
  });
}

/**
 * All at the same time: who idles does not disturb, and who does not is seen in
 * its own processor time.
 *
 * @param {Plan} plan @param {string[]} able
 * @returns {Promise<Row[]>}
 */
async function measureIdle(plan, able) {
  const names = [...able.filter((name) => name !== TWIN), "no pool"];
  /** @type {Record<string, Summary>} */
  const figures = {};
  /** @type {Record<string, string>} */
  const failures = {};
  await Promise.all(names.map(async (name) => {
    const { lines, problem } = await runJob(plan, { job: "idle", contenders: [name] }, 12);
    const sample = lines.find((line) => line.sample !== undefined)?.sample;
    if (sample === undefined) failures[name] = problem ?? "ends without an answer";
    else figures[name] = summarize([sample]);
  }));
  return [{
    family: "idle",
    id: "processor",
    title: `processor time in ${plan.quick ? 1 : 5} s`,
    unit: "ms",
    figures,
    failures,
  }];
}

/**
 * @param {Plan} plan @param {string[]} able
 * @returns {Promise<Row[]>}
 */
async function measureMemory(plan, able) {
  const kinds = {
    worker: { title: "for each worker", unit: "MiB" },
    numbers: { title: "growth while calling with numbers", unit: "MiB" },
    numberCalls: { title: "calls with numbers meanwhile", unit: "thousand" },
    bytes: { title: "growth while calling with 1 KiB there and back", unit: "MiB" },
    byteCalls: { title: "calls with 1 KiB meanwhile", unit: "thousand" },
  };
  /** @type {Record<string, Record<string, Summary>>} */
  const figures = {};
  /** @type {Record<string, string>} */
  const failures = {};
  /** @param {string} name */
  const measureOne = async (name) => {
    const { lines, problem } = await runJob(plan, { job: "memory", contenders: [name] }, 25);
    const sample = lines.find((line) => line.sample !== undefined)?.sample;
    if (sample === undefined) {
      failures[name] = problem ?? "ends without an answer";
      return;
    }
    const values = {
      worker: sample.worker,
      numbers: sample.numbers.growth,
      numberCalls: sample.numbers.calls / 1000,
      bytes: sample.bytes.growth,
      byteCalls: sample.bytes.calls / 1000,
    };
    for (const [kind, value] of Object.entries(values)) {
      (figures[kind] ??= {})[name] = summarize([value]);
    }
  };
  const names = able.filter((name) => name !== TWIN);
  if (plan.quick) await Promise.all(names.map(measureOne));
  else for (const name of names) await measureOne(name);
  return Object.entries(kinds).map(([id, { title, unit }]) => ({
    family: "memory",
    id,
    title,
    unit,
    ...(id.endsWith("Calls") && { moreIsBetter: true }),
    figures: figures[id] ?? {},
    failures,
  }));
}

/** Why a contender is given up for good. */
const HUNG = /does not (start|end)/;

let jobs = 0;

/**
 * Runs one process.
 *
 * @param {Plan} plan
 * @param {{ job: string, contenders: string[], workers?: number }} order
 * @param {number} seconds The longest it may take.
 * @returns {Promise<{ lines: Line[], problem?: string }>} What it found, and why it ended badly.
 */
async function runJob({ runtime, quick }, order, seconds) {
  const folder = join(ROOT, ".build/bench");
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${process.pid}-${jobs++}.jsonl`);
  // Under a flag of V8's what Node keeps compiled of its own modules is void, and each of its
  // threads takes half as long again to start.
  const flags = order.job === "startup" ? [] : COLLECTS;
  const [program, ...args] = STARTS[runtime]("main", flags);
  const { code, timedOut, output } = await run(
    program,
    [...args, JSON.stringify({ ...order, quick, out })],
    { cwd: join(ROOT, "bench"), quiet: true, timeout: 1000 * seconds },
  );
  const text = existsSync(out) ? readFileSync(out, "utf8") : "";
  rmSync(out, { force: true });
  /** @type {Line[]} */
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const failed = lines.find((line) => line.failed !== undefined)?.failed;
  if (timedOut) return { lines, problem: `does not end within ${seconds} s` };
  if (failed !== undefined) return { lines, problem: failed };
  if (code !== 0) return { lines, problem: `ended with status ${code}: ${firstError(output)}` };
  return { lines };
}

/** @param {string} output @returns {string} The line that says most. */
function firstError(output) {
  const lines = output.split("\n").map((line) => line.trim()).filter(Boolean);
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no output").slice(0, 160);
}

/** @param {number[]} samples @returns {Summary} */
function summarize(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  /** @param {number} fraction */
  const at = (fraction) => {
    const position = (sorted.length - 1) * fraction;
    const below = sorted[Math.floor(position)];
    return below + (sorted[Math.ceil(position)] - below) * (position % 1);
  };
  return {
    median: at(0.5),
    q1: at(0.25),
    q3: at(0.75),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    samples: sorted.length,
  };
}

/**
 * @template A, B
 * @param {Record<string, A>} values @param {(value: A) => B} change
 * @returns {Record<string, B>}
 */
function mapValues(values, change) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
