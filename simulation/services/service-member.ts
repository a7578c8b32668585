import type { Machine, SimNode } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { startNode } from '../../libprocess/start-node.ts';
import type { FrameworkInfo, Offer } from '../../proto/index.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { FrameworkMember } from '../framework-member.ts';
import { ServiceLedger } from './service-ledger.ts';
import type { ServicePlan } from './service-plan.ts';
import { ServiceScheduler } from './service-scheduler.ts';

interface Life {
  readonly node: SimNode;
  /** There once its node has started. */
  scheduler?: ServiceScheduler;
}

const AWARE: NonNullable<FrameworkInfo['capabilities']> = [
  { type: 'PARTITION_AWARE' },
  { type: 'TASK_KILLING_STATE' },
  { type: 'MULTI_ROLE' },
];

/** A framework of services through all its schedulers, of which more than one may run. */
export class ServiceMember implements FrameworkMember {
  readonly record = new ServiceLedger();
  readonly plan: ServicePlan;
  readonly machine: Machine;
  readonly #cluster: Cluster;
  readonly #random: SimRandom;
  readonly #foreign: () => Offer | undefined;
  #lives: Life[] = [];
  #begun = 0;
  /** Nobody starts it any more. */
  #hasLeft = false;

  constructor(cluster: Cluster, plan: ServicePlan, foreign: () => Offer | undefined) {
    this.#cluster = cluster;
    this.plan = plan;
    this.#foreign = foreign;
    this.machine = cluster.sim.machine({ name: plan.name });
    this.#random = cluster.sim.random.split(plan.name);
  }

  get name(): string {
    return this.plan.name;
  }

  async begin(): Promise<void> {
    if (!this.#hasLeft) await this.#cluster.sim.complete(this.start());
  }

  /** As `begin`, also after it has left, for whoever must not move the world. */
  async start(): Promise<void> {
    const { sim, master, mail } = this.#cluster;
    const node = sim.boot(this.machine);
    const life: Life = { node };
    this.#lives.push(life);
    const manager = await startNode({ runtime: node.runtime, ip: this.machine.ip });
    mail.attach(manager);
    const { record: ledger, plan, name } = this;
    const framework: FrameworkInfo = {
      user: 'root',
      name,
      checkpoint: plan.checkpoint,
      failover_timeout: plan.failoverSeconds,
      // Those that know of partitions know of several roles, too.
      ...(plan.aware ? { roles: [plan.role], capabilities: AWARE } : { role: plan.role }),
      ...(ledger.frameworkId !== undefined && { id: { value: ledger.frameworkId } }),
    };
    this.#begun += 1;
    life.scheduler = new ServiceScheduler({
      master: master.address,
      framework,
      plan,
      random: this.#random.split(`life ${this.#begun}`),
      ledger,
      life: this.#begun,
      foreign: this.#foreign,
    });
    manager.spawn(life.scheduler);
  }

  kill(): void {
    for (const { node } of this.#lives) this.#cluster.sim.kill(node);
    this.#lives = [];
  }

  /** For good, but for who calls `start`. */
  leave(): void {
    this.#hasLeft = true;
    this.kill();
  }

  /** M8: until its id is known, another scheduler would be another framework. */
  readonly rival = async (): Promise<void> => {
    if (this.record.frameworkId !== undefined) await this.begin();
  };

  askAboutAll(): void {
    for (const { scheduler } of this.#lives) scheduler?.reconcileTasks([]);
  }

  get hasAborted(): boolean {
    const isOver = ({ scheduler }: Life): boolean => scheduler?.status === 'DRIVER_ABORTED';
    return this.#lives.length > 0 && this.#lives.every(isOver);
  }

  /** How many of its schedulers believe to be the one. */
  get connected(): number {
    return this.#lives.filter(({ scheduler }) => scheduler?.connected === true).length;
  }
}
