import {
  ProcessManager,
  type Runtime,
  type Transport,
  type TransportEvents,
} from '../../libprocess/index.ts';

/** A node that does nothing but when it is told: its turns and its timers are the test's to give. */
export class SteppedNode {
  readonly manager: ProcessManager;
  #turns: (() => void)[] = [];
  readonly #timers = new Set<() => void>();

  constructor(transport?: Transport) {
    const quiet = (): void => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      nanoseconds: () => 0n,
      timer: (_delayMs: number, thunk: () => void): Disposable => {
        this.#timers.add(thunk);
        return { [Symbol.dispose]: () => void this.#timers.delete(thunk) };
      },
    };
    const schedule = (thunk: () => void): number => this.#turns.push(thunk);
    // What a node that speaks to nobody needs of the world.
    const runtime = { clock, logger, schedule } as unknown as Runtime;
    this.manager = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    if (transport) this.manager.attach(transport);
  }

  get events(): TransportEvents {
    return this.manager;
  }

  /** All that is ready to run, and what that makes ready. */
  turn(): void {
    for (let turns = this.#turns; turns.length > 0; turns = this.#turns) {
      this.#turns = [];
      for (const turn of turns) turn();
    }
  }

  fireTimers(): void {
    const timers = [...this.#timers];
    this.#timers.clear();
    for (const timer of timers) timer();
  }
}
