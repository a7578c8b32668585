import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Millis } from '../libprocess/clock.ts';
import type { Simulation } from '../libprocess/sim/index.ts';
import { TestClusterError } from './errors.ts';

/**
 * How time of a test's cluster moves: only while the test waits for it, and only once at a time.
 * Virtual time jumps from event to event; otherwise it is held back to the pace of real time.
 */
export class Timeline {
  readonly #sim: Simulation;
  readonly #virtual: boolean;
  #doing: string | undefined;
  #closed = false;
  #logsSeen = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(sim: Simulation, virtual: boolean) {
    this.#sim = sim;
    this.#virtual = virtual;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** @param what as in 'Failed to advance' */
  requireOpen(what: string): void {
    if (!this.#closed) return;
    throw new TestClusterError('CLOSED', `Failed to ${what}: the cluster has been closed`);
  }

  /** Does `work`, which moves time, unless other work does. */
  async exclusively<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.requireOpen(what);
    if (this.#doing !== undefined) {
      const advice = 'await each call before the next';
      const message = `Failed to ${what}: '${this.#doing}' is under way (${advice})`;
      throw new TestClusterError('BUSY', message);
    }
    this.#doing = what;
    try {
      return await work();
    } finally {
      this.#doing = undefined;
    }
  }

  /**
   * Lets `spanMs` pass, or less if `done` says so between two events; then the result is true. What
   * a handler of any process throws meanwhile is thrown here.
   */
  run(what: string, spanMs: Millis, done: () => boolean = () => false): Promise<boolean> {
    return this.exclusively(what, async () => {
      const until = this.#sim.nowMs + spanMs;
      const over = (): boolean => this.#closed || this.#faulted() || done();
      const held = this.#virtual
        ? await this.#sim.world.run(until, over)
        : await this.#inStep(until, over);
      const fault = this.#faulted() ? this.#fault : undefined;
      this.#fault = undefined;
      if (fault) throw fault.error;
      this.requireOpen(what);
      return held || done();
    });
  }

  async #inStep(until: Millis, over: () => boolean): Promise<boolean> {
    const { world, nowMs } = this.#sim;
    const startedAtMs = performance.now();
    for (;;) {
      const passedMs = performance.now() - startedAtMs;
      if (await world.run(Math.min(until, nowMs + passedMs), over)) return true;
      if (world.nowMs >= until) return false;
      await delay(STEP_MS);
    }
  }

  /** A handler that throws ends its process, and the log says so: nobody else would tell the test. */
  #faulted(): boolean {
    const { logs } = this.#sim;
    for (; this.#logsSeen < logs.length && !this.#fault; this.#logsSeen += 1) {
      const line = logs[this.#logsSeen];
      if (line?.level !== 'error' || line.component !== 'libprocess') continue;
      const error = line.fields['error'];
      // Failed assertions come out of the simulation by themselves.
      if (error !== undefined && !(error instanceof assert.AssertionError)) this.#fault = { error };
    }
    return this.#fault !== undefined;
  }
}

const STEP_MS: Millis = 1;
