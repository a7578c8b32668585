import { startNode } from '../../libprocess/start-node.ts';
import type { Machine, SimNode } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { FrameworkInfo } from '../../proto/index.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { BatchFramework } from './batch-framework.ts';
import { BatchRecord } from './batch-record.ts';
import type { FrameworkMember } from '../framework-member.ts';

export interface BatchLivesOptions {
  readonly name: string;
  /** Of partitions. */
  readonly aware: boolean;
  readonly tasks: number;
  /** How long they take, at most. */
  readonly taskSecondsMax: number;
  readonly custom: boolean;
  /** How likely it is that a task is killed once it runs. */
  readonly killChance: number;
}

const AWARE: NonNullable<FrameworkInfo['capabilities']> = [
  { type: 'PARTITION_AWARE' },
  { type: 'TASK_KILLING_STATE' },
];

/** A framework through all its schedulers: each takes over from the record of the one before. */
export class BatchLives implements FrameworkMember {
  readonly record = new BatchRecord();
  readonly name: string;
  readonly aware: boolean;
  readonly #cluster: Cluster;
  readonly machine: Machine;
  readonly #random: SimRandom;
  readonly #options: BatchLivesOptions;
  #life: SimNode | undefined;
  #scheduler: BatchFramework | undefined;

  constructor(cluster: Cluster, options: BatchLivesOptions) {
    const { name, aware } = options;
    this.#cluster = cluster;
    this.#options = options;
    this.name = name;
    this.aware = aware;
    this.machine = cluster.sim.machine({ name });
    this.#random = cluster.sim.random.split(name);
  }

  async begin(): Promise<void> {
    const { sim, master, mail } = this.#cluster;
    const { name, tasks, taskSecondsMax, custom, killChance } = this.#options;
    this.#life = sim.boot(this.machine);
    const { runtime } = this.#life;
    const node = await sim.complete(startNode({ runtime, ip: this.machine.ip }));
    mail.attach(node);
    const framework: FrameworkInfo = {
      user: 'root',
      name,
      checkpoint: true,
      failover_timeout: 3_600,
      ...(this.aware && { capabilities: AWARE }),
      ...(this.record.frameworkId !== undefined && { id: { value: this.record.frameworkId } }),
    };
    const { record } = this;
    const random = this.#random;
    const chosen = { framework, random, tasks, taskSecondsMax, custom, killChance, record };
    this.#scheduler = new BatchFramework({ master: master.address, ...chosen });
    node.spawn(this.#scheduler);
  }

  /** `kill -9`. */
  kill(): void {
    if (this.#life) this.#cluster.sim.kill(this.#life);
  }

  askAboutAll(): void {
    this.#scheduler?.reconcileTasks([]);
  }

  get hasAborted(): boolean {
    return this.#life?.alive === true && this.#scheduler?.status === 'DRIVER_ABORTED';
  }

  get allLaunched(): boolean {
    return this.record.launchedOn.size === this.#options.tasks;
  }
}
