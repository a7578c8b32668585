import type { FuturePromise } from '../future.ts';
import type { PID } from '../pid.ts';
import type { Process } from '../process.ts';
import type { ChildSpec } from './child-spec.ts';
import { RestartBudget } from './restart-budget.ts';

/** What a supervisor knows of a child. */
export class Child {
  readonly spec: ChildSpec;
  /** Undefined: that of the supervisor counts. */
  readonly budget: RestartBudget | undefined;
  restarts = 0;
  /** It was told to stop, and has not ended yet. */
  stopping = false;
  /** Somebody wants to have it stopped for good. */
  removed: FuturePromise<void> | undefined = undefined;
  timer: Disposable | undefined = undefined;
  #running: { readonly process: Process; readonly pid: PID<Process> } | undefined = undefined;

  constructor(spec: ChildSpec) {
    this.spec = spec;
    this.budget = spec.limits && new RestartBudget(spec.limits);
  }

  get pid(): PID<Process> | undefined {
    return this.#running?.pid;
  }

  get process(): Process | undefined {
    return this.#running?.process;
  }

  started(process: Process, pid: PID<Process>): void {
    this.#running = { process, pid };
  }

  ended(): void {
    this.#running = undefined;
    this.stopping = false;
    this.timer?.[Symbol.dispose]();
    this.timer = undefined;
  }
}
