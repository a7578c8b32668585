import { Double, type Json } from '../../common/json/print-json.ts';
import { VERSION } from '../../common/version.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { TaskState } from '../../proto/index.ts';
import { flagTexts } from '../flags-text.ts';
import type { MasterContext } from '../master-context.ts';
import type { MasterState } from '../state/master-state.ts';
import type { TaskRecord } from '../state/task-record.ts';
import {
  agentJson,
  agentResourcesJson,
  recoveredAgentJson,
  seconds,
  type JsonObject,
} from './agent-json.ts';
import { frameworkJson, frameworkSummaryJson } from './framework-json.ts';

/** When this master started and was elected, in wall milliseconds. */
export interface MasterTimes {
  readonly startedAtMs: Millis;
  readonly electedAtMs: Millis;
}

export const versionJson = (): JsonObject => ({
  build_date: '',
  build_time: new Double(0),
  build_user: '',
  version: VERSION,
});

/** `/state`: everything, fields in the order of Mesos. */
export function stateJson(ctx: MasterContext, times: MasterTimes): Json {
  const { state } = ctx;
  const { info, agents } = state;
  const registered = [...agents.registered.values()];
  const active = registered.filter((agent) => agent.active).length;
  const { id, pid = '', hostname = '', port } = info;
  return {
    version: VERSION,
    build_date: '',
    build_time: new Double(0),
    build_user: '',
    start_time: seconds(times.startedAtMs),
    elected_time: seconds(times.electedAtMs),
    id,
    pid,
    hostname,
    capabilities: (info.capabilities ?? []).map(({ type = 'UNKNOWN' }) => type),
    activated_slaves: new Double(active),
    deactivated_slaves: new Double(registered.length - active),
    unreachable_slaves: new Double(agents.unreachable.size),
    leader: pid,
    leader_info: { id, pid, port, hostname },
    flags: flagTexts(ctx.flags),
    slaves: registered.map(agentJson),
    recovered_slaves: [...agents.recovered.values()].map(recoveredAgentJson),
    ...frameworksJson(state),
    orphan_tasks: [],
    unregistered_frameworks: [],
  };
}

/** `/slaves`, of one agent if it is named. */
export function slavesJson({ agents }: MasterState, id?: string): Json {
  const wanted = (agent: { readonly id: string }): boolean => id === undefined || agent.id === id;
  const recovered = [...agents.recovered].map(([agent, info]) => ({ id: agent, info }));
  return {
    slaves: [...agents.registered.values()]
      .filter(wanted)
      .map((agent) => ({ ...agentJson(agent), ...agentResourcesJson(agent) })),
    recovered_slaves: recovered.filter(wanted).map(({ info }) => recoveredAgentJson(info)),
  };
}

/** The lists of `/frameworks`, of one framework if it is named. */
export function frameworksJson({ frameworks }: MasterState, id?: string): JsonObject {
  const wanted = (framework: { readonly id: string }): boolean =>
    id === undefined || framework.id === id;
  return {
    frameworks: [...frameworks.registered.values()].filter(wanted).map(frameworkJson),
    completed_frameworks: [...frameworks.completed.values()].filter(wanted).map(frameworkJson),
  };
}

/** States that `/state-summary` counts tasks by. */
const SUMMARY_STATES: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_UNREACHABLE',
];

/** `/state-summary`: counts instead of tasks. */
export function stateSummaryJson({ state }: MasterContext): Json {
  const frameworks = [...state.frameworks.registered.values()];
  const completed = [...state.frameworks.completed.values()];
  const byAgent = new Map<string, TaskRecord[]>();
  const tasksOf = frameworks.map((framework) => [
    ...framework.tasks.values(),
    ...framework.unreachableTasks.values(),
    ...framework.completedTasks.toArray(),
  ]);
  const past = completed.flatMap((framework) => framework.completedTasks.toArray());
  for (const task of [...tasksOf.flat(), ...past]) {
    const others = byAgent.get(task.agentId);
    if (others) others.push(task);
    else byAgent.set(task.agentId, [task]);
  }
  return {
    hostname: state.info.hostname ?? '',
    slaves: [...state.agents.registered.values()].map((agent) => ({
      ...agentJson(agent),
      ...countStates(byAgent.get(agent.id) ?? []),
      framework_ids: [...agent.frameworkIds()],
    })),
    frameworks: frameworks.map((framework, index) => ({
      ...frameworkSummaryJson(framework),
      ...countStates(tasksOf[index] ?? []),
      slave_ids: [...framework.agentIds()],
    })),
  };
}

function countStates(tasks: readonly TaskRecord[]): JsonObject {
  const counts: JsonObject = {};
  for (const state of SUMMARY_STATES) {
    counts[state] = tasks.filter((task) => task.state === state).length;
  }
  return counts;
}
