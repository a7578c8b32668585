import type { AgentFlags } from '../../../agent/flags.ts';
import type { Machine } from '../../../libprocess/sim/index.ts';
import { agentFlagsOn, Cluster, type SchedulerMember } from '../../../testing/cluster.ts';
import { watchRemovals } from '../../checks/agents/sandbox-checks.ts';
import { TaskOracle } from '../../task-oracle.ts';
import type { Stage } from '../stage.ts';
import { checkTold } from './life-checks.ts';
import { LifeFramework, TASK_IDS } from './life-framework.ts';
import { LifeRecord } from './life-record.ts';
import { checkLeft, checkRecovered } from './rest-of-life.ts';
import { UpdateWitness } from './update-witness.ts';
import { WatchedAgent } from './watched-agent.ts';

/** As many as there are tasks: the oracle counts each as one. */
const CPUS = 8;
const SCHEDULER_FAILS_OVER_AT_MS = 4_500;
const MASTER_RESTARTS_AT_MS = 6_500;
const GC_DELAY_MS = 2_000;
const GC_MS_MAX = 60_000;

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
  readonly #agent: WatchedAgent;
  #scheduler: SchedulerMember<LifeFramework> | undefined;

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
    watchRemovals(cluster, this.#machine);
    this.#agent = new WatchedAgent({
      stage,
      cluster,
      machine: this.#machine,
      flags: this.#flags,
      onRestart: () => this.#witness.restarted(),
    });
  }

  async play(): Promise<void> {
    await this.#subscribe();
    await this.#runTasks();
    this.#scheduler?.scheduler.stop();
    await this.#agent.until(() => checkLeft(this.#machine, this.#flags), GC_MS_MAX);
    this.#agent.finish();
    const { sim, othersKilled } = this.#stage;
    checkTold({ record: this.#record, oracle: this.#oracle, othersKilled });
    this.#witness.check();
    await checkRecovered(sim, this.#machine, this.#flags);
  }

  async #runTasks(): Promise<void> {
    const { sim } = this.#stage;
    const passed = (atMs: number) => (): string | undefined =>
      sim.nowMs > atMs ? undefined : `T1: it is ${sim.nowMs} ms`;
    await this.#agent.until(passed(SCHEDULER_FAILS_OVER_AT_MS));
    if (this.#scheduler) sim.kill(this.#scheduler.process);
    await this.#subscribe();
    await this.#agent.until(passed(MASTER_RESTARTS_AT_MS));
    this.#cluster.killMaster();
    await this.#cluster.startMaster();
    await this.#agent.until(() => this.#unfinished(TASK_IDS.slice(0, -1)));
    this.#record.last = true;
    await this.#agent.until(() => this.#unfinished(TASK_IDS));
    await this.#agent.until(() => this.#witness.untold);
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
}
