/**
 * Work that is done side by side, and handed out one after another.
 *
 * @module
 */

/** How far to go ahead of the reader, and when to end. */
export interface InOrderOptions {
  /** Most items that are taken from the source and whose outcome has not been dealt with. */
  readonly window: number;
  /** Ends the reading, with its reason, whatever is under way. */
  readonly signal: AbortSignal;
}

/**
 * Begins work on the items of a source as they come, and gives the outcomes in the order of
 * the items, each as soon as it is ready: also where the source has nothing more yet.
 *
 * @param source Read by one item after another, and no further than the window. Where the
 * reader ends early nobody waits until it is closed: a read that is under way may never end.
 * @param work Begins the work on an item. It heeds the signal itself.
 * @param options The window, and the signal.
 * @throws What the work on an item rejects with, or the source, behind all that came before.
 */
export async function* inOrder<T, R>(
  source: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { window, signal }: InOrderOptions,
): AsyncGenerator<R, void, void> {
  const line: Promise<R>[] = [];
  const more = new Bell();
  const room = new Bell();
  let ended = false;
  let failure: { readonly error: unknown } | undefined;

  const feed = async (): Promise<void> => {
    try {
      for await (const item of source) {
        if (ended) return;
        const outcome = work(item);
        outcome.catch(() => {}); // it is heard of when its turn has come
        line.push(outcome);
        more.ring();
        while (!ended && line.length >= window) await room.rung();
        if (ended) return;
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    more.ring();
  };
  const onAbort = () => more.ring();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    void feed();
    for (;;) {
      signal.throwIfAborted();
      if (line.length > 0) {
        yield await line[0]!;
        line.shift(); // only now: it was dealt with
        room.ring();
      } else if (!ended) await more.rung();
      else if (failure !== undefined) throw failure.error;
      else return;
    }
  } finally {
    ended = true;
    room.ring(); // the other loop closes the source, where it does not wait for it
    signal.removeEventListener("abort", onAbort);
  }
}

/** What one loop waits for, and another one rings. */
class Bell {
  #wake: (() => void) | undefined;

  /** Resolves when it is rung next. */
  rung(): Promise<void> {
    return new Promise((resolve) => void (this.#wake = resolve));
  }

  ring(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
