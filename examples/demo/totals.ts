/**
 * What was found in all files together.
 *
 * @module
 */
import type { FileFacts, Frequencies } from "./survey.ts";

/** The facts about all files. */
export class Totals {
  /** What was found in each file, in the order of the files. */
  readonly files: FileFacts[] = [];
  /** How often each word occurs. */
  readonly frequencies: Frequencies = new Map();

  /** Adds what one thread has counted. */
  addFrequencies(more: Frequencies): void {
    for (const [word, times] of more) {
      this.frequencies.set(word, (this.frequencies.get(word) ?? 0) + times);
    }
  }

  /** @returns So many of the words that occur most, each with how often it does. */
  mostFrequent(most: number): [word: string, times: number][] {
    const top: [string, number][] = [];
    for (const entry of this.frequencies) {
      if (top.length === most && isBehind(entry, top[most - 1]!)) continue;
      top.push(entry);
      top.sort((a, b) => isBehind(a, b) ? 1 : -1);
      top.length = Math.min(top.length, most);
    }
    return top;
  }

  /**
   * @param other What was found another time.
   * @param paths The paths of the files.
   * @returns What differs, `undefined` where all facts and all words' numbers are the same.
   */
  differenceTo(other: Totals, paths: readonly string[]): string | undefined {
    for (const [i, facts] of this.files.entries()) {
      if (JSON.stringify(facts) !== JSON.stringify(other.files[i])) return paths[i];
    }
    if (this.frequencies.size !== other.frequencies.size) return "the number of different words";
    for (const [word, times] of this.frequencies) {
      if (other.frequencies.get(word) !== times) return `the number of the word ${word}`;
    }
    return undefined;
  }
}

/** Words that occur equally often are in the order of their characters. */
function isBehind(a: readonly [string, number], b: readonly [string, number]): boolean {
  return a[1] < b[1] || (a[1] === b[1] && a[0] > b[0]);
}
