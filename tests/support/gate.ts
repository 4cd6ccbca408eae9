/**
 * Holds jobs in synchronous code for as long as a test wants, and tells when they
 * have begun: by files, since a job that holds its worker hears nothing else.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of files that jobs and the test talk by. `using` removes it. */
export class Gate {
  readonly #folder = mkdtempSync(join(tmpdir(), "multicore-"));

  /** @returns The path of a file in it. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  /** What `holdUntil` waits for. */
  get path(): string {
    return this.file("open");
  }

  /** Lets the jobs go on. */
  open(): void {
    writeFileSync(this.path, "");
  }

  /** Resolves once a job has made the file of this name. */
  async began(name: string): Promise<void> {
    await until(() => existsSync(this.file(name)), `${name} to begin`);
  }

  /** @returns The lines of a file, none where it does not exist. */
  lines(name: string): string[] {
    if (!existsSync(this.file(name))) return [];
    return readFileSync(this.file(name), "utf8").split("\n").slice(0, -1);
  }

  /** Opens the gate, lest a worker stays behind it, and removes the files. */
  [Symbol.dispose](): void {
    this.open();
    setTimeout(() => rmSync(this.#folder, { recursive: true, force: true }), 50);
  }
}

/** Resolves once something is so; rejects after a time that nothing here needs. */
export async function until(
  holds: () => boolean,
  what: string,
  deadline: number = 15_000,
): Promise<void> {
  const end = performance.now() + deadline;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited ${deadline} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A promise's value; rejects after a time that nothing here needs, instead of never. */
export async function soon<T>(
  promise: PromiseLike<T>,
  what: string,
  deadline: number = 15_000,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Waited ${deadline} ms for ${what}`)),
      deadline,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
