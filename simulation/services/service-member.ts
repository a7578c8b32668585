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
  readonly scheduler: ServiceScheduler;
}

const AWARE: NonNullable<FrameworkInfo['capabilities']> = [
  { type: 'PARTITION_AWARE' },
  { type: 'TASK_KILLING_STATE' },
  { type: 'MULTI_ROLE' },
];
const FAILOVER_SECONDS = 7_200;
/** Of one that is to be torn down: a master that comes after may not know of that. */
const FAILOVER_SECONDS_GUEST = 300;

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
    const { sim, master, mail } = this.#cluster;
    const life = sim.boot(this.machine);
    const node = await sim.complete(startNode({ runtime: life.runtime, ip: this.machine.ip }));
    mail.attach(node);
    const { record: ledger, plan, name } = this;
    const framework: FrameworkInfo = {
      user: 'root',
      name,
      checkpoint: true,
      failover_timeout: plan.tornDown ? FAILOVER_SECONDS_GUEST : FAILOVER_SECONDS,
      // Those that know of partitions know of several roles, too.
      ...(plan.aware ? { roles: [plan.role], capabilities: AWARE } : { role: plan.role }),
      ...(ledger.frameworkId !== undefined && { id: { value: ledger.frameworkId } }),
    };
    this.#begun += 1;
    const scheduler = new ServiceScheduler({
      master: master.address,
      framework,
      plan,
      random: this.#random.split(`life ${this.#begun}`),
      ledger,
      life: this.#begun,
      foreign: this.#foreign,
    });
    this.#lives.push({ node: life, scheduler });
    node.spawn(scheduler);
  }

  kill(): void {
    for (const { node } of this.#lives) this.#cluster.sim.kill(node);
    this.#lives = [];
  }

  /** M8: until its id is known, another scheduler would be another framework. */
  readonly rival = async (): Promise<void> => {
    if (this.record.frameworkId !== undefined) await this.begin();
  };

  /** How many of its schedulers believe to be the one. */
  get connected(): number {
    return this.#lives.filter(({ scheduler }) => scheduler.connected).length;
  }
}
