import type { Millis } from '../libprocess/clock.ts';
import { Resources } from '../common/resources.ts';
import { fromMilli } from '../common/scalars.ts';
import type { Metric, MetricKind } from '../libprocess/metrics/metrics.ts';
import type { TaskState } from '../proto/index.ts';
import { usedByFramework } from './agents/agent-lifecycle.ts';
import { COUNTER_NAMES, FRAMEWORK_COUNTER_NAMES } from './metric-names.ts';
import type { MasterContext } from './master-context.ts';
import type { Agent } from './state/agent.ts';
import type { Framework } from './state/framework.ts';

const MS_PER_SECOND = 1_000;
const COUNTERS: ReadonlySet<string> = new Set(COUNTER_NAMES);

/** All metrics of the master as one: its counts, and what is read off the state when asked for. */
export class MasterSnapshot implements Metric {
  readonly name = 'master';
  readonly #context: () => MasterContext | undefined;
  readonly #uptimeMs: () => Millis;

  /** `uptimeMs` does not follow a wall clock that is set. */
  constructor(uptimeMs: () => Millis, context: () => MasterContext | undefined) {
    this.#uptimeMs = uptimeMs;
    this.#context = context;
  }

  kindOf(key: string): MetricKind {
    if (COUNTERS.has(key)) return 'counter';
    if (!key.startsWith('master/frameworks/')) return 'gauge';
    return FRAMEWORK_COUNTER_NAMES.some((name) => key.endsWith(`/${name}`)) ? 'counter' : 'gauge';
  }

  sample(): ReadonlyMap<string, number> {
    const ctx = this.#context();
    const values = new Map<string, number>();
    if (!ctx) return values;
    for (const name of COUNTER_NAMES) values.set(name, 0);
    for (const [name, value] of ctx.metrics.counters()) values.set(name, value);
    values.set('master/uptime_secs', this.#uptimeMs() / MS_PER_SECOND);
    values.set('master/elected', 1);
    values.set('master/outstanding_offers', ctx.state.offers.size);
    addAgents(values, ctx);
    addFrameworks(values, ctx);
    addTasks(values, ctx);
    addResources(values, [...ctx.state.agents.registered.values()]);
    if (ctx.flags.publishPerFrameworkMetrics) {
      for (const framework of ctx.state.frameworks.registered.values()) {
        addFramework(values, framework);
      }
    }
    return values;
  }
}

const countIf = <T>(values: Iterable<T>, predicate: (value: T) => boolean): number => {
  let count = 0;
  for (const value of values) if (predicate(value)) count += 1;
  return count;
};

function addAgents(values: Map<string, number>, { state }: MasterContext): void {
  const agents = [...state.agents.registered.values()];
  values.set(
    'master/slaves_active',
    countIf(agents, ({ active }) => active),
  );
  values.set(
    'master/slaves_inactive',
    countIf(agents, ({ active }) => !active),
  );
  values.set(
    'master/slaves_connected',
    countIf(agents, ({ connected }) => connected),
  );
  values.set(
    'master/slaves_disconnected',
    countIf(agents, ({ connected }) => !connected),
  );
  values.set('master/slaves_unreachable', state.agents.unreachable.size);
}

function addFrameworks(values: Map<string, number>, { state }: MasterContext): void {
  const frameworks = [...state.frameworks.registered.values()];
  values.set(
    'master/frameworks_active',
    countIf(frameworks, ({ active }) => active),
  );
  values.set(
    'master/frameworks_inactive',
    countIf(frameworks, ({ active }) => !active),
  );
  values.set(
    'master/frameworks_connected',
    countIf(frameworks, ({ connected }) => connected),
  );
  values.set(
    'master/frameworks_disconnected',
    countIf(frameworks, ({ connected }) => !connected),
  );
}

const LIVE_STATES: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
];

function addTasks(values: Map<string, number>, { state }: MasterContext): void {
  const counts = new Map<TaskState, number>(LIVE_STATES.map((live) => [live, 0]));
  let unreachable = 0;
  for (const framework of state.frameworks.registered.values()) {
    unreachable += framework.unreachableTasks.size;
    for (const task of framework.tasks.values()) {
      const count = counts.get(task.state);
      if (count !== undefined) counts.set(task.state, count + 1);
    }
  }
  for (const [live, count] of counts) values.set(`master/${pluralOf(live)}`, count);
  values.set('master/tasks_unreachable', unreachable);
}

const pluralOf = (state: TaskState): string => state.toLowerCase().replace('task_', 'tasks_');

const RESOURCE_NAMES = ['cpus', 'gpus', 'mem', 'disk'] as const;

function addResources(values: Map<string, number>, agents: readonly Agent[]): void {
  const kinds = [
    ['', (resources: Resources) => resources.nonRevocable()],
    ['_revocable', (resources: Resources) => resources.revocable()],
  ] as const;
  const used = agents.map(usedOf);
  for (const [suffix, part] of kinds) {
    for (const name of RESOURCE_NAMES) {
      const total = milliOf(
        agents.map((agent) => part(agent.total)),
        name,
      );
      const taken = milliOf(used.map(part), name);
      values.set(`master/${name}${suffix}_total`, fromMilli(total));
      values.set(`master/${name}${suffix}_used`, fromMilli(taken));
      values.set(`master/${name}${suffix}_percent`, total === 0 ? 0 : taken / total);
    }
  }
}

const usedOf = (agent: Agent): Resources =>
  [...usedByFramework(agent).values()].reduce((sum, one) => sum.plus(one), Resources.EMPTY);

const milliOf = (parts: readonly Resources[], name: string): number =>
  parts.reduce((sum, part) => sum + part.milli(name), 0);

function addFramework(values: Map<string, number>, framework: Framework): void {
  const prefix = `master/frameworks/${encodeURIComponent(framework.info.name)}/${framework.id}`;
  for (const name of FRAMEWORK_COUNTER_NAMES) values.set(`${prefix}/${name}`, 0);
  for (const [name, value] of framework.counters.entries()) values.set(`${prefix}/${name}`, value);
  values.set(`${prefix}/subscribed`, framework.connected ? 1 : 0);
  for (const role of framework.roles) {
    const suppressed = framework.suppressedRoles.has(role);
    values.set(`${prefix}/roles/${role}/suppressed`, suppressed ? 1 : 0);
  }
  values.set(`${prefix}/tasks/active/task_unknown`, 0);
  for (const live of [...LIVE_STATES, 'TASK_UNREACHABLE'] as const) {
    const tasks = live === 'TASK_UNREACHABLE' ? framework.unreachableTasks : framework.tasks;
    const count = countIf(tasks.values(), ({ state }) => state === live);
    values.set(`${prefix}/tasks/active/${live.toLowerCase()}`, count);
  }
}
