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
const FAILOVER_SECONDS = 7_200;
/** A master that comes after may not know of its end. */
const FAILOVER_SECONDS_TORN_DOWN = 300;
const FAILOVER_SECONDS_LEAVES = [10, 60, 300] as const;
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
  /** An operator ends it in the midst; or its scheduler leaves, and is back for a moment or not at all. */
  readonly fate: Fate;
  /** For how long its tasks may go on without a scheduler. */
  readonly failoverSeconds: number;
  /** Whether its tasks outlive their agent. */
  readonly checkpoint: boolean;
}

/** What fates are called as parts of plans; to stay is none. */
const FATES: Readonly<Partial<Record<Fate, string>>> = {
  'is torn down': 'teardown',
  leaves: 'leaving',
};

type Fate = 'stays' | 'is torn down' | 'leaves';

export function drawServices(random: SimRandom): readonly ServicePlan[] {
  return Array.from({ length: random.between(1, 2) }, (_, index) => {
    const name = `service-${String(index)}`;
    const own = random.split(name);
    const fates = own.split('fate');
    return {
      name,
      aware: own.chance(0.6),
      role: own.split('role').pick(ROLES) ?? '*',
      instances: own.between(0, INSTANCES_MAX),
      executor: own.pick(['command', 'shared', 'own'] as const) ?? 'command',
      manners: MANNERS.filter(() => own.chance(MANNER_CHANCE)),
      ...drawFate(fates, index > 0 && own.chance(0.3), index > 0),
      checkpoint: !own.split('checkpoint').chance(0.25),
    };
  });
}

function drawFate(
  random: SimRandom,
  isTornDown: boolean,
  mayLeave: boolean,
): Pick<ServicePlan, 'fate' | 'failoverSeconds'> {
  if (!isTornDown && mayLeave && random.chance(0.4)) {
    const failoverSeconds = random.pick(FAILOVER_SECONDS_LEAVES) ?? 60;
    return { fate: 'leaves', failoverSeconds };
  }
  return isTornDown ? { fate: 'is torn down', failoverSeconds: FAILOVER_SECONDS_TORN_DOWN } : STAYS;
}

const STAYS = { fate: 'stays', failoverSeconds: FAILOVER_SECONDS } as const;

/** The plan of a service without some of its parts, as of a whole plan. */
export function serviceWithout(plan: ServicePlan, without: ReadonlySet<string>): ServicePlan {
  const part = FATES[plan.fate];
  return {
    ...plan,
    manners: plan.manners.filter((manner) => !without.has(manner)),
    ...(part !== undefined && without.has(part) && STAYS),
    checkpoint: plan.checkpoint || without.has('no-checkpoint'),
    role: without.has('roles') ? '*' : plan.role,
  };
}

/** What can be left out of services. */
export function partsOfServices(services: readonly ServicePlan[]): readonly string[] {
  const fates = services.flatMap(({ fate }) => FATES[fate] ?? []);
  return [
    ...new Set(fates),
    ...(services.some(({ checkpoint }) => !checkpoint) ? ['no-checkpoint'] : []),
    ...(services.some(({ role }) => role !== '*') ? ['roles'] : []),
  ];
}

export const describeService = (plan: ServicePlan): string =>
  `${plan.name} (${plan.aware ? 'aware' : 'unaware'}, ${plan.instances} by ${plan.executor}` +
  (plan.role === '*' ? '' : `, as ${plan.role}`) +
  (plan.fate === 'leaves' ? `, leaves for longer than ${plan.failoverSeconds} s` : '') +
  (plan.fate === 'is torn down' ? ', torn down' : '') +
  `${plan.checkpoint ? '' : ', without checkpoints'}: ${plan.manners.join(' ')})`;
