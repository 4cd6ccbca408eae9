/**
 * The language's iterator helpers, written down by the standard, for runtimes that
 * do not have them, and with promises awaited: what parallel iterators have to equal.
 *
 * @module
 */

// deno-lint-ignore no-explicit-any
type Fn = (...args: any[]) => unknown;

/** A sequential iterator with the methods of a parallel one. */
export class Sequential {
  readonly #source: AsyncIterable<unknown>;

  constructor(source: AsyncIterable<unknown>) {
    this.#source = source;
  }

  static from(items: number | Iterable<unknown>): Sequential {
    return new Sequential((async function* () {
      if (typeof items !== "number") return yield* items;
      for (let i = 0; i < items; i++) yield i;
    })());
  }

  map(fn: Fn): Sequential {
    const source = this.#source;
    return new Sequential((async function* () {
      let index = 0;
      for await (const value of source) yield fn(value, index++);
    })());
  }

  filter(fn: Fn): Sequential {
    const source = this.#source;
    return new Sequential((async function* () {
      let index = 0;
      for await (const value of source) if (await fn(value, index++)) yield value;
    })());
  }

  flatMap(fn: Fn): Sequential {
    const source = this.#source;
    return new Sequential((async function* () {
      let index = 0;
      for await (const value of source) {
        const inner = await fn(value, index++);
        if (typeof inner !== "object") throw new TypeError("not an object");
        yield* inner as Iterable<unknown>;
      }
    })());
  }

  take(limit: number): Sequential {
    const source = this.#source;
    return new Sequential((async function* () {
      if (limit === 0) return;
      let left = limit;
      for await (const value of source) {
        yield value;
        if (--left === 0) return;
      }
    })());
  }

  drop(limit: number): Sequential {
    const source = this.#source;
    return new Sequential((async function* () {
      let left = limit;
      for await (const value of source) if (left-- <= 0) yield value;
    })());
  }

  async toArray(): Promise<unknown[]> {
    const values: unknown[] = [];
    for await (const value of this.#source) values.push(value);
    return values;
  }

  async count(): Promise<number> {
    return (await this.toArray()).length;
  }

  async forEach(fn: Fn): Promise<void> {
    let index = 0;
    for await (const value of this.#source) await fn(value, index++);
  }

  async some(fn: Fn): Promise<boolean> {
    let index = 0;
    for await (const value of this.#source) if (await fn(value, index++)) return true;
    return false;
  }

  async every(fn: Fn): Promise<boolean> {
    let index = 0;
    for await (const value of this.#source) if (!await fn(value, index++)) return false;
    return true;
  }

  async find(fn: Fn): Promise<unknown> {
    let index = 0;
    for await (const value of this.#source) if (await fn(value, index++)) return value;
    return undefined;
  }

  async reduce(fn: Fn, ...seed: unknown[]): Promise<unknown> {
    let result = seed[0];
    let index = 0;
    let any = seed.length > 0;
    for await (const value of this.#source) {
      result = any ? await fn(result, value, index) : value;
      any = true;
      index++;
    }
    if (!any) throw new TypeError("nothing to reduce");
    return result;
  }
}
