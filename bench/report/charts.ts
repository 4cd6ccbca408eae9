/**
 * The charts, drawn as SVG by ECharts.
 *
 * @module
 */
import { init } from "echarts";
import type { Results, Row } from "../harness/results.ts";
import { OURS } from "./families.ts";
import { nameOf } from "./tables.ts";

const WIDTH = 960;
const PANEL = 280;
const TOP = 84;
const BOTTOM = 30;

/** Colours by name, the same in every chart; ours stands out. */
const COLOURS: Readonly<Record<string, string>> = {
  "multicore": "#d6336c",
  "multicore Task": "#f783ac",
  "multicore, borrowed": "#f783ac",
  "postMessage": "#495057",
  "piscina": "#1c7ed6",
  "tinypool": "#15aabf",
  "workerpool": "#40c057",
  "poolifier": "#fab005",
  "multithreading": "#7950f2",
  "comlink": "#fd7e14",
  "ping-pong": "#adb5bd",
  "copy in": "#ced4da",
  "copy in and out": "#adb5bd",
  "postMessage, transferred": "#868e96",
  "sequential": "#adb5bd",
  "no load": "#ced4da",
  "no pool": "#ced4da",
};

interface Chart {
  /** Name of the file, and of the family. */
  readonly id: string;
  readonly title: string;
  readonly axis: "log" | "value";
  readonly lines?: boolean;
  /** Which rows are shown, and how they are called in the chart. */
  readonly rows: Readonly<Record<string, string>>;
}

const CHARTS: readonly Chart[] = [
  {
    id: "calls",
    title: "A call with a number, in µs; less is better",
    axis: "log",
    rows: {
      "one": "one by one",
      "at-once-10": "10 at once",
      "at-once-100": "100 at once",
      "at-once-1000": "1,000 at once",
      "at-once-10000": "10,000 at once",
    },
  },
  {
    id: "payloads",
    title: "A call of 1,000 at once, by what it carries there and back, in µs; less is better",
    axis: "log",
    rows: {
      "void-at-once": "nothing",
      "short-at-once": "12 characters",
      "text-1k-at-once": "1 KiB of text",
      "text-64k-at-once": "64 KiB of text",
      "object-at-once": "{ id, msg }",
      "nested-at-once": "20 fields",
      "array-at-once": "1,000 numbers",
      "map-at-once": "Map and Date",
    },
  },
  {
    id: "bytes",
    title: "A call with a Uint8Array as the argument, in µs; less is better",
    axis: "log",
    lines: true,
    rows: {
      "1k-argument": "1 KiB",
      "64k-argument": "64 KiB",
      "1024k-argument": "1 MiB",
      "16384k-argument": "16 MiB",
      "65536k-argument": "64 MiB",
    },
  },
  {
    id: "cpu",
    title: "Speed-up over a loop on the host; more is better",
    axis: "value",
    rows: {
      "even-speed-up": "even",
      "skewed-speed-up": "skewed",
      "skewed-fine-speed-up": "skewed, small ranges",
      "large-speed-up": "4 ranges a worker",
      "tiny-speed-up": "4,000 tiny ranges",
    },
  },
  {
    id: "startup",
    title: "Cold start, in ms; less is better",
    axis: "value",
    rows: { "first-1": "first result, 1 worker", "first-all": "first result, all workers" },
  },
  {
    id: "delay",
    title: "How late the host's timers are while the pool is saturated, in ms; less is better",
    axis: "log",
    rows: {
      "work-p50": "work, median",
      "work-p99": "work, 99 %",
      "flood-p50": "small calls, median",
      "flood-p99": "small calls, 99 %",
    },
  },
];

/** @returns SVG by the name of the chart; only of what was measured. */
export function drawCharts(all: readonly Results[]): Map<string, string> {
  const drawn = new Map<string, string>();
  for (const chart of CHARTS) {
    const panels = all.map((results) => ({ results, rows: rowsOf(chart, results) }))
      .filter(({ rows }) => rows.length > 0);
    if (panels.length > 0) drawn.set(chart.id, draw(chart, panels));
  }
  return drawn;
}

interface Panel {
  readonly results: Results;
  readonly rows: readonly { label: string; row: Row }[];
}

function rowsOf(chart: Chart, results: Results): Panel["rows"] {
  return Object.entries(chart.rows).flatMap(([id, label]) => {
    const row = results.rows.find((row) => row.family === chart.id && row.id === id);
    return row === undefined ? [] : [{ label, row }];
  });
}

function draw(chart: Chart, panels: readonly Panel[]): string {
  const height = TOP + panels.length * PANEL + BOTTOM;
  const picture = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  picture.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "system-ui, sans-serif" },
    title: [
      { text: chart.title, left: 12, top: 8, textStyle: { fontSize: 15 } },
      ...panels.map(({ results }, i) => ({
        text: nameOf(results),
        left: 12,
        top: TOP + i * PANEL - 2,
        textStyle: { fontSize: 13 },
      })),
    ],
    legend: {
      top: 34,
      left: 12,
      right: 12,
      data: namesOf(panels),
      itemWidth: 14,
      itemHeight: 10,
      itemGap: 22,
    },
    grid: panels.map((_, i) => ({
      left: 64,
      right: 24,
      top: TOP + i * PANEL + 26,
      height: PANEL - 66,
    })),
    xAxis: panels.map(({ rows }, i) => ({
      type: "category",
      gridIndex: i,
      data: rows.map(({ label }) => label),
      axisLabel: { interval: 0, fontSize: 11 },
      boundaryGap: !chart.lines,
    })),
    yAxis: panels.map((panel, i) => ({
      type: chart.axis,
      gridIndex: i,
      axisLabel: { fontSize: 11 },
      // Bars would otherwise begin at 1.
      ...(chart.axis === "log" && { min: floorOf(panel), startValue: floorOf(panel) }),
    })),
    series: panels.flatMap((panel, i) => seriesOf(chart, panel, i)),
  });
  const svg = picture.renderToSVGString();
  picture.dispose();
  return `${svg}\n`;
}

/** @returns Names of all that have a figure in the panels, in the order of the colours. */
function namesOf(panels: readonly Panel[]): string[] {
  const names = new Set(
    panels.flatMap(({ rows }) => rows.flatMap(({ row }) => Object.keys(row.figures))),
  );
  return Object.keys(COLOURS).filter((name) => names.has(name));
}

function seriesOf(chart: Chart, panel: Panel, index: number): object[] {
  return namesOf([panel]).map((name) => ({
    name,
    type: chart.lines ? "line" : "bar",
    xAxisIndex: index,
    yAxisIndex: index,
    itemStyle: { color: COLOURS[name] ?? "#868e96" },
    lineStyle: { width: name === OURS ? 3 : 1.5 },
    symbolSize: name === OURS ? 7 : 4,
    data: panel.rows.map(({ row }) => row.figures[name]?.median ?? null),
  }));
}

/** @returns The power of ten below everything in the panel. */
function floorOf({ rows }: Panel): number {
  const least = Math.min(
    ...rows.flatMap(({ row }) =>
      Object.values(row.figures).map(({ median }) => median).filter((median) => median > 0)
    ),
  );
  return 10 ** Math.floor(Math.log10(least));
}
