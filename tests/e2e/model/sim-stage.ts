import { Simulation } from '../../../libprocess/sim/index.ts';
import type { TraceLine } from '../../../libprocess/trace-line.ts';
import { traceObserver } from '../../../libprocess/trace-observer.ts';
import type { CommandInfo } from '../../../proto/index.ts';
import { Cluster, type AgentMember } from '../../../testing/cluster.ts';
import type { TestScheduler } from '../../../testing/test-scheduler.ts';
import { BACKOFF_MS, LASTING } from '../support/real-scheduler.ts';
import type { Stage } from './stage.ts';

const GATED = '/bin/gated';
const UNTIL_MS_MAX = 60_000;

/** The same in one thread and in virtual time. */
export class SimStage implements Stage {
  readonly scheduler: TestScheduler;
  readonly #cluster: Cluster;
  readonly #agent: AgentMember;
  readonly #lines: readonly TraceLine[];
  readonly #exits: ReadonlyMap<string, (code: number) => void>;

  private constructor(
    parts: Pick<SimStage, 'scheduler'> & {
      readonly cluster: Cluster;
      readonly agent: AgentMember;
      readonly lines: readonly TraceLine[];
      readonly exits: ReadonlyMap<string, (code: number) => void>;
    },
  ) {
    this.scheduler = parts.scheduler;
    this.#cluster = parts.cluster;
    this.#agent = parts.agent;
    this.#lines = parts.lines;
    this.#exits = parts.exits;
  }

  static async open(): Promise<SimStage> {
    const sim = new Simulation({ seed: 1 });
    const lines: TraceLine[] = [];
    sim.observe = ({ pid }, address) =>
      traceObserver({
        address,
        pid,
        boot: 'simulated',
        nowMs: () => sim.nowMs,
        write: (line) => lines.push(line as TraceLine),
      });
    const exits = new Map<string, (code: number) => void>();
    sim.programs.define(GATED, ({ argv: [, id = ''], exit }) => {
      exits.set(id, exit);
    });
    const cluster = await Cluster.start({ sim, master: { allocationIntervalMs: BACKOFF_MS } });
    const agent = await cluster.agent({ registrationBackoffFactorMs: BACKOFF_MS });
    const { scheduler } = await cluster.scheduler({
      framework: LASTING,
      registrationBackoffFactorMs: BACKOFF_MS,
    });
    return new SimStage({ scheduler, cluster, agent, lines, exits });
  }

  command(id: string): CommandInfo {
    return { shell: false, value: GATED, arguments: [GATED, id] };
  }

  exit(id: string, code: number): void {
    this.#exits.get(id)?.(code);
  }

  readonly until = async (what: string, condition: () => boolean): Promise<void> => {
    const { sim } = this.#cluster;
    await sim.until(condition, UNTIL_MS_MAX).catch((cause: unknown) => {
      throw new Error(`Waited in vain: ${what}`, { cause });
    });
  };

  async restartAgent(): Promise<void> {
    this.#cluster.killAgent(this.#agent);
    await this.#cluster.restartAgent(this.#agent);
  }

  async restartMaster(): Promise<void> {
    this.#cluster.killMaster();
    await this.#cluster.startMaster();
  }

  trace(): readonly TraceLine[] {
    return this.#lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A world ends with whoever holds it.
  }
}
