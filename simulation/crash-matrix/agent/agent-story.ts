import type { AgentFlags } from '../../../agent/flags.ts';
import type { Machine, SimNode } from '../../../libprocess/sim/index.ts';
import { agentFlagsOn, Cluster, type SchedulerMember } from '../../../testing/cluster.ts';
import { watchRemovals } from '../../checks/removal-checks.ts';
import { TaskOracle } from '../../task-oracle.ts';
import { Violation, type Stage } from '../stage.ts';
import { checkTold } from './life-checks.ts';
import { LifeFramework, TASK_IDS } from './life-framework.ts';
import { LifeRecord } from './life-record.ts';
import { checkLeft, checkRecovered } from './rest-of-life.ts';
import { UpdateWitness } from './update-witness.ts';

/** As many as there are tasks: the oracle counts each as one. */
const CPUS = 8;
const SLICE_MS = 100;
const RESTARTS_AFTER_MS = 300;
const SCHEDULER_FAILS_OVER_AT_MS = 4_500;
const MASTER_RESTARTS_AT_MS = 6_500;
const GC_DELAY_MS = 2_000;
const GC_MS_MAX = 60_000;
/** Each with a pid that processes had before the power cut. */
const BYSTANDERS = 12;
/** Recovery, reregistration, and each update repeated a few times. */
const LASTS_MS_MAX = 10 * 60_000;

/** An agent through everything that it ever checkpoints, in a cluster, with tasks of every kind. */
export async function agentStory(stage: Stage): Promise<void> {
  const story = new AgentStory(stage, await Cluster.start({ sim: stage.sim }));
  await story.play();
}

class AgentStory {
  readonly #stage: Stage;
  readonly #cluster: Cluster;
  readonly #machine: Machine;
  readonly #flags: AgentFlags;
  readonly #record = new LifeRecord();
  readonly #oracle: TaskOracle;
  readonly #witness: UpdateWitness;
  readonly #bystanders: SimNode[] = [];
  #scheduler: SchedulerMember<LifeFramework> | undefined;
  #agent: SimNode | undefined;
  #powerCuts = 0;

  constructor(stage: Stage, cluster: Cluster) {
    this.#stage = stage;
    this.#cluster = cluster;
    this.#machine = cluster.sim.machine({ name: 'agent' });
    this.#flags = {
      ...agentFlagsOn(this.#machine),
      gcDelayMs: GC_DELAY_MS,
      diskWatchIntervalMs: 1_000,
      executorShutdownGracePeriodMs: 1_000,
    };
    this.#oracle = new TaskOracle(cluster, CPUS);
    this.#witness = new UpdateWitness(cluster);
    this.#record.onStatus = (status) => {
      if (!stage.othersKilled) this.#oracle.told(status);
    };
  }

  async play(): Promise<void> {
    const { sim } = this.#stage;
    watchRemovals(this.#cluster, this.#machine);
    this.#stage.watch(this.#machine, {
      pid: () => this.#agent?.pid ?? 0,
      kill: () => {
        if (this.#agent) sim.kill(this.#agent);
      },
    });
    this.#boot();
    await this.#subscribe();
    await this.#runTasks();
    this.#scheduler?.scheduler.stop();
    const left = (): string | undefined => checkLeft(this.#machine, this.#flags);
    await this.#until(left, GC_MS_MAX);
    this.#machine.disk.crashAt = undefined;
    this.#stage.check();
    this.#checkAll();
    if (this.#agent) sim.kill(this.#agent);
    await checkRecovered(sim, this.#machine, this.#flags);
  }

  async #runTasks(): Promise<void> {
    const { sim } = this.#stage;
    const passed = (atMs: number) => (): string | undefined =>
      sim.nowMs > atMs ? undefined : `T1: it is ${sim.nowMs} ms`;
    await this.#until(passed(SCHEDULER_FAILS_OVER_AT_MS));
    if (this.#scheduler) sim.kill(this.#scheduler.process);
    await this.#subscribe();
    await this.#until(passed(MASTER_RESTARTS_AT_MS));
    this.#cluster.killMaster();
    await this.#cluster.startMaster();
    await this.#until(() => this.#unfinished(TASK_IDS.slice(0, -1)));
    this.#record.last = true;
    await this.#until(() => this.#unfinished(TASK_IDS));
    await this.#until(() => this.#witness.untold);
  }

  #unfinished(taskIds: readonly string[]): string | undefined {
    const taskId = taskIds.find((each) => !this.#record.isOver(each));
    if (taskId === undefined) return undefined;
    const last = this.#record.history.get(taskId)?.at(-1)?.state ?? 'nothing';
    return `R12, T1: task '${taskId}' never ends, the last that was told is ${last}`;
  }

  async #subscribe(): Promise<void> {
    const scheduler = new LifeFramework(this.#cluster.master.address, this.#record);
    this.#scheduler = await this.#cluster.run(scheduler, this.#scheduler?.machine);
  }

  /** Lets time pass until nothing is missing; starts the agent again whenever it has crashed. */
  async #until(missing: () => string | undefined, withinMs = LASTS_MS_MAX): Promise<void> {
    const { sim } = this.#stage;
    const endsAtMs = sim.nowMs + withinMs;
    for (let what = missing(); what !== undefined || this.#stage.down; what = missing()) {
      if (sim.nowMs > endsAtMs) throw new Violation(`${what ?? ''} (after ${withinMs} ms)`);
      await sim.advance(SLICE_MS);
      this.#stage.checkSoFar();
      if (!this.#stage.down) continue;
      await sim.advance(RESTARTS_AFTER_MS);
      this.#witness.restarted();
      this.#boot();
    }
  }

  #boot(): void {
    const { sim } = this.#stage;
    this.#stage.up();
    if (this.#stage.powerCuts > this.#powerCuts) {
      this.#powerCuts = this.#stage.powerCuts;
      for (let count = 0; count < BYSTANDERS; count += 1)
        this.#bystanders.push(sim.boot(this.#machine));
    }
    const { process, started } = this.#cluster.launchAgent(this.#machine, this.#flags);
    this.#agent = process;
    started.then(
      ({ agent }) => {
        agent.stopped.onReady((why) => {
          if (process.alive) this.#stage.fail(`R12: the agent has ended itself: ${why ?? ''}`);
        });
      },
      (error: unknown) => {
        this.#stage.fail(`R12: the agent cannot start again: ${String(error)}`);
      },
    );
  }

  #checkAll(): void {
    const { othersKilled, powerCuts } = this.#stage;
    checkTold({ record: this.#record, oracle: this.#oracle, othersKilled });
    this.#witness.check();
    const [failure] = this.#cluster.failures;
    if (failure !== undefined) throw new Violation(failure);
    const alive = this.#bystanders.filter((each) => each.alive).length;
    // Those of the first boot end with the second.
    if (this.#bystanders.length > 0 && alive !== BYSTANDERS)
      throw new Violation(
        `R5: of ${BYSTANDERS} other processes ${alive} live after ${powerCuts} power cuts`,
      );
  }
}
