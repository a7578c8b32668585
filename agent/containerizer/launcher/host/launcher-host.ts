import { watchOver, type Survivor } from './death-watch.ts';
import { Killer, type KillerWorld } from './killer.ts';
import type { Order, Report, Target } from './protocol.ts';
import type { LaunchError } from '../errors.ts';
import type { RunSpecification, RunUsage } from '../launcher.ts';
import type { Disk } from '../../../../libprocess/disk.ts';

/** Wrappers started before orders, ends and kills are looked at again. */
const STARTS_PER_TURN = 4;

export type Hello = Extract<Order, { do: 'hello' }>;

/** Starts wrappers. */
export interface WrapperStarter {
  /**
   * `begun` hears the wrapper's pid; `ended` that it is gone, and whether it has recorded how its
   * command ended and told the agent. Throws `LaunchError` if no wrapper could be started, and must
   * start none if the runtime directory has another owner by now.
   */
  start(run: RunSpecification, events: WrapperEvents): void;
}

export interface WrapperEvents {
  begun(pid: number): void;
  ended(recorded: boolean): void;
  refused(error: LaunchError): void;
}

/** What a launcher host needs of its world. */
export interface HostWorld extends KillerWorld {
  readonly disk: Disk;
  /** Runs `thunk` in a later turn. */
  readonly schedule: (thunk: () => void) => void;
  starter(hello: Hello): WrapperStarter;
  usageOf(pids: readonly number[]): RunUsage;
}

/**
 * What the launcher subprocess does: follows its agent's orders, and when these end, watches over
 * the agent's death. It remembers only what lives, and a new one can be told all of it.
 */
export class LauncherHost {
  readonly #world: HostWorld;
  readonly #report: (report: Report) => void;
  readonly #killer: Killer;
  readonly #survivors = new Map<string, Survivor>();
  readonly #queue: RunSpecification[] = [];
  #hello: Hello | undefined;
  #starter: WrapperStarter | undefined;

  constructor(world: HostWorld, report: (report: Report) => void) {
    this.#world = world;
    this.#killer = new Killer(world);
    this.#report = report;
  }

  follow(order: Order): void {
    switch (order.do) {
      case 'hello':
        this.#hello = order;
        this.#starter = this.#world.starter(order);
        break;
      case 'start':
        if (this.#queue.push(order.run) === 1) this.#world.schedule(() => this.#startSome());
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
    const { clock, disk } = this.#world;
    const options = { ...this.#hello, clock, disk, killer: this.#killer };
    const survivors = [...this.#survivors.values()];
    await Promise.all([this.#killer.buryNow(), watchOver(survivors, options)]);
  }

  #startSome(): void {
    for (const run of this.#queue.splice(0, STARTS_PER_TURN)) this.#start(run);
    if (this.#queue.length > 0) this.#world.schedule(() => this.#startSome());
  }

  #start(run: RunSpecification): void {
    const { containerId, sandbox, checkpoint } = run;
    this.#starter?.start(run, {
      begun: (pid) => {
        const startTime = this.#world.subprocesses.inspect(pid)?.startTime;
        if (startTime !== undefined)
          this.#watch({ containerId, pid, startTime, sandbox }, checkpoint);
      },
      ended: (recorded) => {
        this.#survivors.delete(containerId);
        if (!recorded) this.#report({ tell: 'gone', containerId });
      },
      refused: ({ code, message }) => this.#report({ tell: 'refused', containerId, code, message }),
    });
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
    else this.#report({ tell: 'usage', containerId, usage: this.#world.usageOf(pids) });
  }
}
