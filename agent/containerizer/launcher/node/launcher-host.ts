import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { isTakenOver, watchOver, type Survivor } from './death-watch.ts';
import { Killer } from './killer.ts';
import { usageOf } from './proc.ts';
import { NOTIFY_FILE, type Order, type Report, type Target } from './protocol.ts';
import { RunStarter } from './run-starter.ts';
import { LaunchError } from '../errors.ts';
import type { RunSpecification } from '../launcher.ts';
import type { Subprocesses } from '../../../../libprocess/subprocess.ts';

/** Wrappers started before orders, ends and kills are looked at again. */
const STARTS_PER_TURN = 4;

type Hello = Extract<Order, { do: 'hello' }>;

/**
 * What the launcher subprocess does: follows its agent's orders, and when these end, watches over
 * the agent's death. It remembers only what lives, and a new one can be told all of it.
 */
export class LauncherHost {
  readonly #report: (report: Report) => void;
  readonly #subprocesses: Subprocesses;
  readonly #killer: Killer;
  readonly #survivors = new Map<string, Survivor>();
  readonly #queue: RunSpecification[] = [];
  #hello: Hello | undefined;
  #starter: RunStarter | undefined;

  constructor(subprocesses: Subprocesses, report: (report: Report) => void) {
    this.#subprocesses = subprocesses;
    this.#killer = new Killer(subprocesses);
    this.#report = report;
  }

  follow(order: Order): void {
    switch (order.do) {
      case 'hello':
        this.#greet(order);
        break;
      case 'start':
        if (this.#queue.push(order.run) === 1) setImmediate(() => this.#startSome());
        break;
      case 'watch':
        this.#watch(order.target, order.checkpoint);
        break;
      case 'release':
        this.#survivors.delete(order.target.containerId);
        this.#killer.bury(order.target);
        break;
      case 'signal':
        this.#killer.signal(order.target, order.signal);
        break;
      case 'destroy':
        void this.#destroy(order.target);
        break;
      case 'usage':
        this.#tellUsage(order.target);
        break;
    }
  }

  /** The agent is gone. Runs that nobody has started yet never will be by us. */
  async orphaned(): Promise<void> {
    this.#queue.length = 0;
    if (!this.#hello) return;
    await watchOver([...this.#survivors.values()], { ...this.#hello, killer: this.#killer });
  }

  #greet(hello: Hello): void {
    this.#hello = hello;
    const path = join(hello.runtimeDirectory, NOTIFY_FILE);
    const notify = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#starter = new RunStarter({ ...hello, notify });
  }

  #startSome(): void {
    for (const run of this.#queue.splice(0, STARTS_PER_TURN)) this.#start(run);
    if (this.#queue.length > 0) setImmediate(() => this.#startSome());
  }

  #start(run: RunSpecification): void {
    const { containerId, sandbox, checkpoint } = run;
    try {
      if (!this.#hello || !this.#starter || isTakenOver(this.#hello))
        throw new LaunchError('REVOKED', `Failed to launch '${containerId}': not ours any more`);
      const pid = this.#starter.start(run, (trouble) => this.#ended(containerId, trouble));
      const startTime = this.#subprocesses.inspect(pid)?.startTime;
      if (startTime !== undefined)
        this.#watch({ containerId, pid, startTime, sandbox }, checkpoint);
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      const { code, message } = error;
      this.#report({ tell: 'refused', containerId, code, message });
    }
  }

  #ended(containerId: string, trouble: string | undefined): void {
    this.#survivors.delete(containerId);
    if (trouble !== undefined) this.#report({ tell: 'gone', containerId });
  }

  #watch(target: Target, checkpoint: boolean): void {
    this.#survivors.set(target.containerId, { target, checkpoint });
  }

  async #destroy(target: Target): Promise<void> {
    await this.#killer.destroy(target);
    this.#report({ tell: 'destroyed', containerId: target.containerId });
  }

  #tellUsage(target: Target): void {
    const { containerId } = target;
    const pids = this.#killer.processesOf(target);
    if (pids.length === 0) this.#report({ tell: 'usage', containerId });
    else this.#report({ tell: 'usage', containerId, usage: usageOf(pids) });
  }
}
