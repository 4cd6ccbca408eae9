/**
 * As much of the contenders' packages as is used here, so that types are checked
 * also where those are not installed.
 *
 * @module
 */

declare module "piscina" {
  export class FixedQueue {}
  export class Piscina {
    constructor(options: object);
    run(value: unknown, options: { name: string }): Promise<unknown>;
    destroy(): Promise<void>;
  }
}

declare module "tinypool" {
  export class Tinypool {
    constructor(options: object);
    run(value: unknown, options: { name: string }): Promise<unknown>;
    destroy(): Promise<void>;
  }
}

declare module "workerpool" {
  const workerpool: {
    pool(script: string, options: object): {
      exec(name: string, args: unknown[]): PromiseLike<unknown>;
      terminate(force: boolean): PromiseLike<unknown>;
    };
    worker(methods: object): void;
  };
  export default workerpool;
}

declare module "poolifier" {
  export class FixedThreadPool {
    constructor(workers: number, script: string, options: object);
    execute(value: unknown, name: string): Promise<unknown>;
    destroy(): Promise<void>;
  }
  export class ThreadWorker {
    constructor(functions: object);
  }
}

declare module "multithreading" {
  type Result = { ok: true; value: unknown } | { ok: false; error: unknown };
  export function initRuntime(options: { maxWorkers: number }): void;
  export function move(...values: unknown[]): unknown;
  export function spawn(
    values: unknown,
    fn: (...values: unknown[]) => unknown,
  ): { join(): Promise<Result> };
  export function shutdown(): void;
}

declare module "comlink" {
  export function wrap<T>(endpoint: unknown): T;
  export function expose(value: unknown, endpoint?: unknown): void;
}

declare module "comlink/dist/esm/node-adapter.mjs" {
  export default function nodeEndpoint(worker: unknown): unknown;
}

declare module "echarts" {
  export function init(
    element: null,
    theme: null,
    options: { renderer: "svg"; ssr: true; width: number; height: number },
  ): {
    setOption(option: object): void;
    renderToSVGString(): string;
    dispose(): void;
  };
}
