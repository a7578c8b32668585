import type { SimRandom } from '../../libprocess/sim/sim-random.ts';

/** Ways of frameworks that the system must put up with. Each can be left out of a run. */
export const MANNERS = [
  'hoards-offers',
  'declines-for-long',
  'suppresses',
  'accepts-void-offers',
  'acknowledges-late',
  'acknowledges-twice',
  'acknowledges-wrongly',
  'rests-acknowledging',
  'reconciles-in-storms',
  'reuses-ids',
  'changes-executors',
  'sends-messages',
  'kills-staging',
  'kills-twice',
  'kills-unknown',
  'restarts-instances',
  'instances-end',
  'executors-leave',
  'executors-repeat',
  'instances-fork',
  'launches-groups',
] as const;

export type Manner = (typeof MANNERS)[number];

const MANNER_CHANCE = 0.4;
const INSTANCES_MAX = 3;
const ROLES = ['*', '*', 'services', 'services/web'] as const;

export interface ServicePlan {
  readonly name: string;
  /** Of partitions. */
  readonly aware: boolean;
  /** In which it is offered resources; batches are of the role `*`. */
  readonly role: string;
  /** How many it keeps up; with none it only has to do with offers. */
  readonly instances: number;
  /** What runs them: each as a command, all of one agent in one executor, or each in its own. */
  readonly executor: 'command' | 'shared' | 'own';
  readonly manners: readonly Manner[];
  /** Whether an operator ends it in the midst. */
  readonly tornDown: boolean;
}

export function drawServices(random: SimRandom): readonly ServicePlan[] {
  return Array.from({ length: random.between(1, 2) }, (_, index) => {
    const name = `service-${String(index)}`;
    const own = random.split(name);
    return {
      name,
      aware: own.chance(0.6),
      role: own.split('role').pick(ROLES) ?? '*',
      instances: own.between(0, INSTANCES_MAX),
      executor: own.pick(['command', 'shared', 'own'] as const) ?? 'command',
      manners: MANNERS.filter(() => own.chance(MANNER_CHANCE)),
      tornDown: index > 0 && own.chance(0.3),
    };
  });
}

export const describeService = (plan: ServicePlan): string =>
  `${plan.name} (${plan.aware ? 'aware' : 'unaware'}, ${plan.instances} by ${plan.executor}` +
  (plan.role === '*' ? '' : `, as ${plan.role}`) +
  `${plan.tornDown ? ', torn down' : ''}: ${plan.manners.join(' ')})`;
