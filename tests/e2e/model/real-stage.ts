import { readFileSync } from 'node:fs';
import type { TraceLine } from '../../../libprocess/trace-line.ts';
import type { CommandInfo } from '../../../proto/index.ts';
import type { TestScheduler } from '../../../testing/test-scheduler.ts';
import { Bed, freePort, type Daemon } from '../support/bed.ts';
import type { GatedTask } from '../support/gated-task.ts';
import { Workload } from '../support/workload.ts';
import type { Stage } from './stage.ts';

/** Long enough that nobody says twice what was heard, on any machine. */
const PATIENT_MS = 1_000;

/** Processes and sockets of this machine. */
export class RealStage implements Stage {
  readonly scheduler: TestScheduler;
  readonly #bed: Bed;
  readonly #traces: readonly string[];
  readonly #daemons: Readonly<Record<'master' | 'agent', () => Promise<Daemon>>>;
  readonly #workload: Workload;
  readonly #tasks = new Map<string, GatedTask>();
  #agent: Daemon;
  #master: Daemon;

  private constructor(
    parts: Pick<RealStage, 'scheduler'> & {
      readonly bed: Bed;
      readonly traces: readonly string[];
      readonly daemons: Readonly<Record<'master' | 'agent', () => Promise<Daemon>>>;
      readonly master: Daemon;
      readonly agent: Daemon;
    },
  ) {
    this.scheduler = parts.scheduler;
    this.#bed = parts.bed;
    this.#traces = parts.traces;
    this.#daemons = parts.daemons;
    this.#master = parts.master;
    this.#agent = parts.agent;
    this.#workload = new Workload(parts.bed);
  }

  static async open(): Promise<RealStage> {
    const bed = new Bed();
    const traces = ['master', 'agent', 'scheduler'].map((name) => bed.path(`${name}.trace`));
    const [ofMaster = '', ofAgent = '', traceFile = ''] = traces;
    const [masterPort, agentPort] = [await freePort(), await freePort()];
    const startMaster = (): Promise<Daemon> =>
      bed.master({ port: masterPort, trace_file: ofMaster });
    const master = await startMaster();
    const startAgent = (): Promise<Daemon> =>
      bed.agent(master, {
        port: agentPort,
        trace_file: ofAgent,
        registration_backoff_factor: `${PATIENT_MS}ms`,
      });
    const agent = await startAgent();
    const { driver } = await bed.scheduler({
      master: master.address,
      traceFile,
      backoffMs: PATIENT_MS,
    });
    const daemons = { master: startMaster, agent: startAgent };
    return new RealStage({ scheduler: driver, bed, traces, daemons, master, agent });
  }

  command(id: string): CommandInfo {
    const task = this.#workload.command(id);
    this.#tasks.set(id, task);
    return { value: task.text };
  }

  exit(id: string, code: number): void {
    this.#tasks.get(id)?.exit(code);
  }

  readonly until = (what: string, condition: () => boolean): Promise<void> =>
    this.#bed.until(what, condition);

  async restartAgent(): Promise<void> {
    await this.#agent.child.kill();
    this.#agent = await this.#daemons.agent();
  }

  async restartMaster(): Promise<void> {
    await this.#master.child.kill();
    this.#master = await this.#daemons.master();
  }

  trace(): readonly TraceLine[] {
    return this.#traces
      .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line) as TraceLine);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#bed[Symbol.asyncDispose]();
  }
}
