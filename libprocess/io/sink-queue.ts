import { RuntimeError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';
import type { ByteSink } from './byte-streams.ts';

/** Bytes that may wait in one sink for those before them. */
export const SINK_WAITING_BYTES_MAX = 64 * 1_024 * 1_024;

/** What empties a `SinkQueue`. One call is under way at a time, and each answers once. */
export interface SinkDrain {
  write(bytes: Uint8Array, done: (error?: Error) => void): void;
  end(done: (error?: Error) => void): void;
  /** Now, whatever is under way. */
  close(): void;
}

interface Step {
  readonly promise: FuturePromise<void>;
  /** Absent: it waits for those before it, or ends the stream. */
  readonly bytes?: Uint8Array;
  readonly ends?: boolean;
}

/** The writing end of a stream that takes one piece at a time. Both worlds empty it. */
export class SinkQueue implements ByteSink {
  readonly #drain: SinkDrain;
  readonly #steps = new Set<Step>();
  #waitingBytes = 0;
  #current: Step | undefined;
  #ending = false;
  #over: Error | undefined;

  constructor(drain: SinkDrain) {
    this.#drain = drain;
  }

  write(bytes: Uint8Array): Future<void> {
    if (this.#over) return Future.failed(this.#over);
    if (this.#ending)
      return Future.failed(new RuntimeError('EPIPE', 'Failed to write: it has ended'));
    if (bytes.length === 0) return this.drained();
    if (this.#waitingBytes + bytes.length > SINK_WAITING_BYTES_MAX && this.#current) {
      const message = `Failed to write: ${this.#waitingBytes} bytes wait already`;
      return Future.failed(new RuntimeError('SINK_FULL', message));
    }
    return this.#add({ promise: new FuturePromise<void>(), bytes });
  }

  drained(): Future<void> {
    if (this.#over) return Future.failed(this.#over);
    if (!this.#current && this.#steps.size === 0) return Future.ready();
    return this.#add({ promise: new FuturePromise<void>() });
  }

  end(): Future<void> {
    if (this.#over || this.#ending) return Future.ready();
    this.#ending = true;
    return this.#add({ promise: new FuturePromise<void>(), ends: true });
  }

  close(): void {
    if (this.#over) return;
    this.#over = new RuntimeError('EPIPE', 'Failed to write: it is closed');
    this.#drain.close();
    const steps = [...(this.#current ? [this.#current] : []), ...this.#steps];
    this.#current = undefined;
    this.#steps.clear();
    for (const { promise } of steps) promise.discard();
  }

  /** The other end is gone: what waits fails, and all later writes. */
  broken(error: Error): void {
    if (this.#over) return;
    this.#over = error;
    const steps = [...(this.#current ? [this.#current] : []), ...this.#steps];
    this.#current = undefined;
    this.#steps.clear();
    // Who only wants it to end has what he wants.
    for (const { promise, ends } of steps) {
      if (ends) promise.set();
      else promise.fail(error);
    }
  }

  #add(step: Step): Future<void> {
    this.#steps.add(step);
    this.#waitingBytes += step.bytes?.length ?? 0;
    step.promise.future.onDiscard(() => {
      // An end is no wish that can be taken back: others may rely on it.
      if (step.ends || !this.#steps.delete(step)) return;
      this.#waitingBytes -= step.bytes?.length ?? 0;
      step.promise.discard();
    });
    this.#next();
    return step.promise.future;
  }

  #next(): void {
    while (!this.#current && !this.#over) {
      const [step] = this.#steps;
      if (!step) return;
      this.#steps.delete(step);
      this.#current = step;
      const done = (error?: Error): void => {
        if (this.#current !== step) return;
        if (error) return this.broken(error);
        this.#current = undefined;
        step.promise.set();
        this.#next();
      };
      this.#waitingBytes -= step.bytes?.length ?? 0;
      if (step.bytes) this.#drain.write(step.bytes, done);
      else if (step.ends) this.#drain.end(done);
      else done();
    }
  }
}
