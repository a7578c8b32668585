import type { Millis } from '../libprocess/clock.ts';
import { LAN, WAN, type Latency } from '../libprocess/sim/network/link-conditions.ts';
import type { SimRandom } from '../libprocess/sim/sim-random.ts';
import { drawFocus } from './focus.ts';
import {
  FAULTS_AIMED,
  FAULTS_AT_ONCE,
  FAULTS_MORE,
  FAULTS_OF_ALL,
  type FaultKind,
} from './faults/kinds.ts';
import {
  describeService,
  drawServices,
  partsOfServices,
  serviceWithout,
  type ServicePlan,
} from './services/service-plan.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const TASK_SECONDS_MAX = 60;
const OFFER_TIMEOUT_MS = 30_000;
const HEAVY_TAIL: Latency = { minMs: 0.2, maxMs: 5, tail: { probability: 0.002, maxMs: 60_000 } };
const LATENCIES: Readonly<Record<string, Latency>> = { LAN, WAN, 'heavy tail': HEAVY_TAIL };

export interface PlannedFault {
  readonly kind: FaultKind;
  /** After the one before has healed. */
  readonly afterMs: Millis;
}

export interface CorePlan {
  /** So many agents are not healed at first. */
  readonly outside: number;
  readonly how: 'cut off' | 'dead' | 'without power';
}

/** All that a run is told beforehand; the rest is what the system makes of it. */
export interface Plan {
  /** Whether two frameworks run batches of tasks. */
  readonly batch: boolean;
  /** Frameworks that keep services up; none: the workload is not there. */
  readonly services: readonly ServicePlan[];
  /** After which the master takes offers back; undefined: never. */
  readonly offerTimeoutMs: Millis | undefined;
  /** Of how many unreachable agents the registry knows for longer than a moment; undefined: of all. */
  readonly unreachableMax: number | undefined;
  readonly agents: number;
  readonly latency: string;
  /** Of each framework. */
  readonly tasks: number;
  /** How long tasks take, at most. */
  readonly taskSecondsMax: number;
  /** Whether the tasks of the second framework run in executors of its own. */
  readonly custom: boolean;
  /** How likely it is that a task is killed once it runs. */
  readonly killChance: number;
  /** How long agents keep the sandboxes of what has ended. */
  readonly gcDelayMs: Millis;
  /** How long agents take to start a process, at most; undefined: as usual. */
  readonly spawnMsMax: Millis | undefined;
  /** The same for a sync of their disks. */
  readonly syncMsMax: Millis | undefined;
  readonly faults: readonly PlannedFault[];
  /** Ordinals of faults after which all must be registered again before anything else breaks. */
  readonly returnsAfter: readonly number[];
  /** Whether frameworks are held against what they are told when they ask about all their tasks. */
  readonly asksAboutAll: boolean;
  /** What must go on without the rest, once the faults are over; undefined: all is healed at once. */
  readonly core: CorePlan | undefined;
}

/** What is not left to the seed. */
export interface PlanLimits {
  /** Faults are of these kinds, each as likely as the others. */
  readonly kinds?: readonly FaultKind[];
  readonly faults?: number;
  readonly gapMsMax?: Millis;
  readonly agents?: number;
  readonly latency?: string;
  readonly tasks?: number;
  readonly custom?: boolean;
  readonly killChance?: number;
  readonly workloads?: Workloads;
  /** Whether it may be one of the plans that have only few kinds of faults. Default: yes. */
  readonly focus?: boolean;
}

type Workloads = readonly ('batch' | 'services')[];

const UNREACHABLE_MAX = [undefined, undefined, undefined, undefined, 1, 0];
const WORKLOADS: readonly Workloads[] = [['batch'], ['services'], ['batch', 'services']];

/**
 * Draws a plan. Each run has some kinds of faults only: those that are always there would hide what
 * comes of the others.
 */
export function drawPlan(random: SimRandom, limits: PlanLimits = {}): Plan {
  const some = FAULTS_OF_ALL.filter(() => random.chance(0.5));
  const kinds = limits.kinds ?? (some.length > 0 ? some : FAULTS_OF_ALL);
  const gapMsMax = limits.gapMsMax ?? random.pick([400, 8_000, 60_000]) ?? 8_000;
  const count = limits.faults ?? random.between(4, 16);
  const faults = drawFaults(random, { kinds, count, gapMsMax });
  const workloads = limits.workloads ?? random.split('workloads').pick(WORKLOADS) ?? ['batch'];
  const services = workloads.includes('services') ? drawServices(random.split('services')) : [];
  const expires = services.length > 0 && random.split('offer timeout').chance(0.5);
  const mayFocus = limits.kinds === undefined && limits.focus !== false;
  const focus = mayFocus ? drawFocus(random.split('focus')) : undefined;
  const machines = random.split('machines');
  const agents = limits.agents ?? random.between(2, 5);
  const batch = workloads.includes('batch');
  const all = limits.kinds ? faults : withExtras(faults, random, gapMsMax);
  return {
    batch,
    services,
    offerTimeoutMs: expires ? OFFER_TIMEOUT_MS : undefined,
    unreachableMax: limits.kinds ? undefined : random.split('registry').pick(UNREACHABLE_MAX),
    // Services may fill one agent, and batches wait for ever then.
    core: drawCore(random.split('core'), agents - (batch && services.length > 0 ? 2 : 1)),
    agents,
    latency: limits.latency ?? random.pick(Object.keys(LATENCIES)) ?? 'LAN',
    tasks: limits.tasks ?? random.between(8, 32),
    taskSecondsMax: TASK_SECONDS_MAX,
    custom: limits.custom ?? random.chance(0.5),
    killChance: limits.killChance ?? random.pick([0, 0.1, 0.4]) ?? 0,
    gcDelayMs: random.pick([WEEK_MS, 20_000, 1_000]) ?? WEEK_MS,
    spawnMsMax: limits.kinds ? undefined : machines.pick([undefined, undefined, 100, 3_000]),
    syncMsMax: limits.kinds ? undefined : machines.pick([undefined, undefined, undefined, 1_000]),
    faults: all,
    ...focus,
    returnsAfter: drawReturns(random.split('returns'), (focus?.faults ?? all).length),
    asksAboutAll: random.split('asks about all').chance(ASKS_CHANCE),
  };
}

interface FaultsOf {
  readonly kinds: readonly FaultKind[];
  readonly count: number;
  readonly gapMsMax: Millis;
}

function drawFaults(random: SimRandom, options: FaultsOf): readonly PlannedFault[] {
  const { kinds, count, gapMsMax } = options;
  return Array.from({ length: count }, () => ({
    kind: random.pick(kinds) ?? 'reset',
    afterMs: random.between(Math.min(100, gapMsMax), gapMsMax),
  }));
}

/** It takes minutes. */
const ASKS_CHANCE = 0.3;
const RETURNS_CHANCE = 0.04;

const drawReturns = (random: SimRandom, faults: number): readonly number[] =>
  Array.from({ length: faults }, (_, ordinal) => ordinal).filter(() =>
    random.chance(RETURNS_CHANCE),
  );

const CORE_CHANCE = 0.3;
const LOSSES = ['cut off', 'dead', 'without power'] as const;

function drawCore(random: SimRandom, outsideMax: number): CorePlan | undefined {
  if (outsideMax < 1 || !random.chance(CORE_CHANCE)) return undefined;
  return { outside: random.between(1, outsideMax), how: random.pick(LOSSES) ?? 'cut off' };
}

/** Faults that many runs have besides those that all have. */
interface Extra {
  /** Of the streams that they are drawn and mixed by: another name is another plan of every seed. */
  readonly streams: readonly [drawn: string, mixed: string];
  readonly kinds: readonly FaultKind[];
  /** Whether a run has all of the kinds, or some of them. */
  readonly have: 'all' | 'some';
  readonly chance: number;
  readonly max: number;
}

const EXTRAS: readonly Extra[] = [
  {
    streams: ['more faults', 'mix of faults'],
    kinds: FAULTS_MORE,
    have: 'some',
    chance: 0.7,
    max: 8,
  },
  {
    streams: ['aimed faults', 'mix of aimed faults'],
    kinds: FAULTS_AIMED,
    have: 'all',
    chance: 0.6,
    max: 4,
  },
  {
    streams: ['faults at once', 'mix of faults at once'],
    kinds: FAULTS_AT_ONCE,
    have: 'all',
    chance: 0.3,
    max: 2,
  },
];

function withExtras(
  faults: readonly PlannedFault[],
  random: SimRandom,
  gapMsMax: Millis,
): readonly PlannedFault[] {
  return EXTRAS.reduce((all, extra) => {
    const [drawn, mix] = extra.streams;
    return mixed(random.split(mix), all, drawExtra(random.split(drawn), extra, gapMsMax));
  }, faults);
}

function drawExtra(
  random: SimRandom,
  { kinds, have, chance, max }: Extra,
  gapMsMax: Millis,
): readonly PlannedFault[] {
  if (!random.chance(chance)) return [];
  const some = () => random.shuffle(kinds).slice(0, random.between(1, kinds.length));
  return drawFaults(random, {
    kinds: have === 'some' ? some() : kinds,
    count: random.between(1, max),
    gapMsMax,
  });
}

/** Both lists in one, each in its order. */
function mixed<T>(random: SimRandom, left: readonly T[], right: readonly T[]): readonly T[] {
  const order = random.shuffle([...left.map(() => 0), ...right.map(() => 1)]);
  const rest = [[...left], [...right]];
  return order.flatMap((which) => rest[which]?.splice(0, 1) ?? []);
}

export function latencyOf({ latency }: Plan): Latency {
  return LATENCIES[latency] ?? LAN;
}

/**
 * The plan without some of its parts: `batch`, `services`, one of these by its name, a manner of all of
 * them, `offer-timeout`, `teardown`, `leaving`, `no-checkpoint`, `roles`, `core`, `returns`, `asks`, `small-registry`, `slow-machines`. Faults are left out when their time comes, so that others keep theirs.
 */
export function planWithout(plan: Plan, without: ReadonlySet<string>): Plan {
  const services = plan.services
    .filter(({ name }) => !without.has('services') && !without.has(name))
    .map((service) => serviceWithout(service, without));
  return {
    ...plan,
    batch: plan.batch && !without.has('batch'),
    services,
    offerTimeoutMs: without.has('offer-timeout') ? undefined : plan.offerTimeoutMs,
    unreachableMax: without.has('small-registry') ? undefined : plan.unreachableMax,
    core: without.has('core') ? undefined : plan.core,
    returnsAfter: without.has('returns') ? [] : plan.returnsAfter,
    asksAboutAll: plan.asksAboutAll && !without.has('asks'),
    ...(without.has('slow-machines') && { spawnMsMax: undefined, syncMsMax: undefined }),
  };
}

/** What can be left out of a plan, besides its faults; the greatest first. */
export function partsOf({ batch, services, ...plan }: Plan): readonly string[] {
  const { offerTimeoutMs, core, spawnMsMax, syncMsMax, returnsAfter, asksAboutAll } = plan;
  return [
    ...(batch && services.length > 0 ? ['batch', 'services'] : []),
    ...(services.length > 1 ? services.map(({ name }) => name) : []),
    ...partsOfServices(services),
    ...(offerTimeoutMs === undefined ? [] : ['offer-timeout']),
    ...(plan.unreachableMax === undefined ? [] : ['small-registry']),
    ...(core ? ['core'] : []),
    ...(returnsAfter.length > 0 ? ['returns'] : []),
    ...(asksAboutAll ? ['asks'] : []),
    ...(spawnMsMax === undefined && syncMsMax === undefined ? [] : ['slow-machines']),
    ...new Set(services.flatMap(({ manners }) => manners)),
  ];
}

export function describePlan({ agents, latency, tasks, ...plan }: Plan): string {
  const { custom, killChance, gcDelayMs, faults, services, batch, offerTimeoutMs, core } = plan;
  const { spawnMsMax, syncMsMax, taskSecondsMax, unreachableMax } = plan;
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const batches =
    `2 frameworks of ${tasks} tasks of up to ${taskSecondsMax} s${custom ? ', one with executors' : ''}, ` +
    `killed with a chance of ${killChance}`;
  return [
    `${agents} agents, ${latency}, sandboxes kept for ${gcDelayMs / 1_000} s`,
    ...(spawnMsMax === undefined ? [] : [`starts within ${spawnMsMax} ms`]),
    ...(syncMsMax === undefined ? [] : [`syncs within ${syncMsMax} ms`]),
    ...(offerTimeoutMs === undefined ? [] : [`offers for ${offerTimeoutMs / 1_000} s`]),
    ...(unreachableMax === undefined ? [] : [`${unreachableMax} unreachable agents remembered`]),
    ...(batch ? [batches] : []),
    ...services.map(describeService),
    `${faults.length} faults of ${kinds.join(', ')}`,
    ...(core ? [`at first without ${core.outside} agents (${core.how})`] : []),
  ].join('; ');
}
