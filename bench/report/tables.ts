/**
 * The tables, in Markdown.
 *
 * @module
 */
import type { Results, Row } from "../harness/results.ts";
import { FAMILIES, OURS, REFERENCES } from "./families.ts";
import { digits, ratioOf, withSpread } from "./figures.ts";

/** @returns Everything that is in the results, as one document. */
export function document(all: readonly Results[], charts: readonly string[]): string {
  const parts = [
    "# Benchmarks",
    "",
    "Made by `npm run bench`; not to be edited. What each row measures, and how, is in " +
    "[bench/README.md](../bench/README.md).",
    "",
    "The column of multicore has its own figure, the median of several blocks and, behind ±, half " +
    "the distance between the quartiles. The other columns are multiples of it, measured in turns " +
    "with it: **more than 1 is slower than multicore**. In rows marked with their unit in " +
    "parentheses all columns are figures of their own.",
    "",
    ...all.flatMap(machine),
    "## Who runs where",
    "",
    ...presence(all),
  ];
  for (const family of FAMILIES) {
    const within = all.filter(({ rows }) => rows.some((row) => row.family === family.id));
    if (within.length === 0) continue;
    parts.push(`## ${family.title}`, "", family.what, "");
    if (charts.includes(family.id)) {
      parts.push(`![${family.title}](charts/${family.id}.svg)`, "");
    }
    for (const results of within) {
      parts.push(`### ${family.title}: ${nameOf(results)}`, "", ...table(results, family.id), "");
    }
  }
  return `${parts.join("\n").trimEnd()}\n`;
}

/** @returns The name of a runtime with its version. */
export function nameOf({ runtime, version }: Results): string {
  return `${runtime[0]!.toUpperCase()}${runtime.slice(1)} ${version}`;
}

/** @returns One family's rows in one runtime. */
export function table(results: Results, family: string): string[] {
  const rows = results.rows.filter((row) => row.family === family);
  const measured = new Set(rows.flatMap(({ figures }) => Object.keys(figures)));
  const failed = new Set(rows.flatMap(({ failures }) => Object.keys(failures ?? {})));
  const known = [...Object.keys(results.contenders), ...REFERENCES];
  const names = [...new Set([...known, ...measured])]
    .filter((name) => name !== OURS && (measured.has(name) || failed.has(name)));
  const lines = [
    `| | ${OURS} | ${names.join(" | ")} |`,
    `| --- | ${[OURS, ...names].map(() => "---:").join(" | ")} |`,
    ...rows.map((row) =>
      `| ${titleOf(row)} | ${[OURS, ...names].map((name) => cell(row, name)).join(" | ")} |`
    ),
  ];
  const reasons = new Set(
    rows.flatMap(({ failures }) =>
      Object.entries(failures ?? {}).map(([name, reason]) => `- ${name} failed: ${reason}`)
    ),
  );
  return reasons.size > 0 ? [...lines, "", ...reasons] : lines;
}

function titleOf(row: Row): string {
  return isAbsolute(row) ? `${row.title} (${row.unit})` : row.title;
}

/** Whether ratios say less than the figures themselves. */
function isAbsolute(row: Row): boolean {
  return row.moreIsBetter === true || row.ratios === undefined;
}

function cell(row: Row, name: string): string {
  const figure = row.figures[name];
  if (figure === undefined) return row.failures?.[name] === undefined ? "" : "failed";
  if (isAbsolute(row)) return figure.samples > 1 ? withSpread(figure) : digits(figure.median);
  if (name === OURS) return `${withSpread(figure)} ${row.unit}`;
  const ratio = ratioOf(row, name, OURS);
  return ratio === undefined ? `${withSpread(figure)} ${row.unit}` : withSpread(ratio);
}

function machine(results: Results): string[] {
  const { processor, processors, memory, system, load } = results.machine;
  const lines = [
    `- **${nameOf(results)}**: ${processor}, ${processors} processors, ${digits(memory)} GiB, ` +
    `${system}; ${
      results.date.slice(0, 16).replace("T", " ")
    } UTC, revision ${results.revision}, ` +
    `load average ${digits(load[0])} before and ${digits(load[1])} after, ` +
    `${Math.round(results.seconds)} s${
      results.quick ? "; **a quick run, figures are rough**" : ""
    }`,
  ];
  return [...lines, ""];
}

function presence(all: readonly Results[]): string[] {
  const names = [...new Set(all.flatMap(({ contenders }) => Object.keys(contenders)))];
  return [
    `| | used as | ${all.map(nameOf).join(" | ")} |`,
    `| --- | --- | ${all.map(() => "---").join(" | ")} |`,
    ...names.map((name) => {
      const present = all.map(({ contenders }) => contenders[name]);
      const version = present.find((one) => one?.version !== undefined)?.version ?? "";
      const settings = present.find((one) => one?.settings !== undefined)?.settings ?? "";
      const cells = present.map((one) => one === undefined ? "" : one.reason ?? "yes");
      return `| ${name} ${version} | ${settings} | ${cells.join(" | ")} |`;
    }),
    "",
  ];
}
