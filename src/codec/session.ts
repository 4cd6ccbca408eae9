import { NotSerializableError } from "../base/errors.ts";
import { BufferWriter } from "./buffer_writer.ts";
import { messageOf } from "./describe.ts";
import { ENCODE_ANEW } from "./encode_anew.ts";
import { Trail } from "./path.ts";
import { References } from "./references.ts";
import type { CodecOptions, HandleNumbers, Identities } from "./types.ts";
import { Writer } from "./writer.ts";

/** Where an encoding was, so that what follows can be undone. */
export interface Checkpoint {
  /** Bytes written. */
  readonly used: number;
  /** Objects met. */
  readonly references: number;
  /** Identities written. */
  readonly exports: number;
  /** Buffers met. */
  readonly buffers: number;
}

/** What one encoding of structured values has met so far, and how it refuses. */
export class Session extends Writer {
  /** The way to the value that is being written. */
  readonly trail: Trail = new Trail();
  /** Knows what is registered. */
  readonly identities: Identities;
  /** Shared memories that views are lent on. */
  readonly lent: CodecOptions["lent"];
  /** Numbers objects that travel beside the bytes; without it they are refused. */
  handles: HandleNumbers | undefined = undefined;
  /** The objects met. */
  readonly references: References = new References();
  /** The functions and classes whose identities were written. */
  readonly exports: References = new References();
  /** The buffers met. */
  readonly buffers: BufferWriter = new BufferWriter();
  /** Whether the trail shows where it failed. */
  failed = false;
  /** What `refuse` threw. */
  refusal: NotSerializableError | undefined = undefined;

  /** @param options Room and identities. */
  constructor(options: CodecOptions) {
    super(options.grow, options.natives);
    this.identities = options.identities;
    this.lent = options.lent;
  }

  /** Forgets every value, so that nothing is kept alive and the next encoding is not harmed. */
  clear(): void {
    if (this.references.count > 0) this.references.clear();
    if (this.exports.count > 0) this.exports.clear();
    if (this.buffers.count > 0) this.buffers.clear();
    this.trail.clear();
    this.refusal = undefined;
  }

  /** Remembers where the encoding is. */
  checkpoint(): Checkpoint {
    return {
      used: this.position - this.start,
      references: this.references.count,
      exports: this.exports.count,
      buffers: this.buffers.count,
    };
  }

  /** Undoes what was written since. */
  rewind(to: Checkpoint): void {
    this.position = this.start + to.used;
    this.references.rewind(to.references);
    this.exports.rewind(to.exports);
    this.buffers.rewind(to.buffers);
    this.failed = false;
    this.refusal = undefined;
  }

  /** Turns what was thrown on the way into what the caller is to see. */
  explain(error: unknown): unknown {
    if (this.refusedGrowth || error === ENCODE_ANEW) return error;
    if (error !== undefined && error === this.refusal) return error;
    const reason = `reading it threw ${messageOf(error)}`;
    return this.refusal = new NotSerializableError(this.trail.toString(), reason, { cause: error });
  }

  /** Throws because of the value that the trail leads to. */
  refuse(reason: string, cause?: unknown): never {
    this.failed = true;
    const options = cause === undefined ? undefined : { cause };
    this.refusal = new NotSerializableError(this.trail.toString(), reason, options);
    throw this.refusal;
  }

  /** Writes the identity of a registered function: in full at first, then by number. */
  identity(registered: object): void {
    const before = this.exports.count;
    const met = this.exports.meet(registered);
    this.length(met < 0 ? before : met);
    if (met >= 0) return;
    const { module, name } = this.identities.identify(registered)!;
    this.string(module);
    this.string(name);
  }
}
