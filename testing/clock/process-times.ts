import type { Millis } from '../../libprocess/clock.ts';
import type { Runnable } from '../../libprocess/run-queue.ts';
import { MAILBOX } from '../../libprocess/plumbing.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { Process } from '../../libprocess/process.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';

/**
 * How far each process is ahead of the moment at which time was stopped. Nobody hears of anything
 * before it has happened: whoever gets an event is at least where its sender was.
 */
export class ProcessTimes implements Disposable {
  readonly #initialMs: Millis;
  readonly #globalMs: () => Millis;
  readonly #times = new WeakMap<Runnable, Millis>();
  readonly #hooks: Disposable[] = [];
  #running: Runnable | undefined;
  #firingMs: Millis | undefined;

  /** @param globalMs where those are that are no processes, above all the test itself. */
  constructor(globalMs: () => Millis) {
    this.#globalMs = globalMs;
    this.#initialMs = globalMs();
  }

  watch(node: ProcessManager): void {
    const { runQueue } = node;
    this.#hooks.push(
      node.filters.add((_event, to) => {
        const mailbox = to[MAILBOX];
        if (mailbox) this.#atLeast(mailbox, this.hereMs);
        return 'deliver';
      }),
    );
    runQueue.around = (runnable, quantum) => {
      const outer = this.#running;
      this.#running = runnable;
      try {
        return runnable.runSome(quantum);
      } finally {
        this.#running = outer;
      }
    };
    this.#hooks.push({ [Symbol.dispose]: () => (runQueue.around = undefined) });
  }

  /** Where whoever runs now is. */
  get hereMs(): Millis {
    if (this.#running) return this.#of(this.#running);
    return this.#firingMs ?? this.#globalMs();
  }

  of(pid: PID<Process>): Millis {
    const mailbox = pid[MAILBOX];
    return mailbox ? this.#of(mailbox) : this.#globalMs();
  }

  set(pid: PID<Process>, ms: Millis): void {
    const mailbox = pid[MAILBOX];
    if (mailbox) this.#times.set(mailbox, ms);
  }

  /** Runs what a timer does: it happens when the timer was due. */
  at(ms: Millis, thunk: () => void): void {
    this.#firingMs = ms;
    try {
      thunk();
    } finally {
      this.#firingMs = undefined;
    }
  }

  [Symbol.dispose](): void {
    for (const hook of this.#hooks.splice(0)) hook[Symbol.dispose]();
  }

  #of(runnable: Runnable): Millis {
    return this.#times.get(runnable) ?? this.#initialMs;
  }

  #atLeast(runnable: Runnable, ms: Millis): void {
    if (this.#of(runnable) < ms) this.#times.set(runnable, ms);
  }
}
