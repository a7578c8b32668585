import { printJson } from '../common/json/print-json.ts';
import type { ProcessManager } from '../libprocess/process-manager.ts';
import { frameworksJson, slavesJson } from '../master/http/state-json.ts';
import { MasterProcess } from '../master/index.ts';
import type { TaskState } from '../proto/index.ts';

/** By name: `{ cpus: 4, mem: 4096, ports: '[31000-32000]' }`. */
export type Amounts = Readonly<Record<string, number | string>>;

/** An agent, as the master knows it. */
export interface AgentState {
  readonly id: string;
  readonly hostname: string;
  /** Whether it is registered, connected, and its resources are offered. */
  readonly active: boolean;
  /** Known to the registry only: it has not come back since the master's last election. */
  readonly recovered: boolean;
  readonly resources: Amounts;
  readonly usedResources: Amounts;
  readonly offeredResources: Amounts;
  readonly attributes: Amounts;
}

/** A framework, as the master knows it. */
export interface FrameworkState {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly connected: boolean;
  /** Torn down, or away for longer than its `failover_timeout`. */
  readonly completed: boolean;
  readonly offers: number;
}

/** A task, as the master knows it. */
export interface TaskEntry {
  readonly id: string;
  readonly name: string;
  readonly state: TaskState;
  readonly frameworkId: string;
  readonly agentId: string;
  /** Empty for command tasks. */
  readonly executorId: string;
  readonly resources: Amounts;
}

/** What the master knows at one moment, as plain data. */
export interface ClusterState {
  /** False while it recovers its registry: then it knows of nobody. */
  readonly leading: boolean;
  readonly agents: readonly AgentState[];
  /** Past ones too, the last. */
  readonly frameworks: readonly FrameworkState[];
  /** Of all frameworks: those that run, that are unreachable, and that are over. */
  readonly tasks: readonly TaskEntry[];
}

interface AgentJson {
  readonly id: string;
  readonly hostname: string;
  readonly active?: boolean;
  readonly resources: Amounts;
  readonly used_resources?: Amounts;
  readonly offered_resources?: Amounts;
  readonly attributes: Amounts;
}

interface TaskJson {
  readonly id: string;
  readonly name: string;
  readonly state: TaskState;
  readonly framework_id: string;
  readonly executor_id: string;
  readonly slave_id: string;
  readonly resources: Amounts;
}

interface FrameworkJson {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly connected: boolean;
  readonly tasks: readonly TaskJson[];
  readonly unreachable_tasks: readonly TaskJson[];
  readonly completed_tasks: readonly TaskJson[];
  readonly offers: readonly unknown[];
}

interface StateJson {
  readonly slaves: {
    readonly slaves: readonly AgentJson[];
    readonly recovered_slaves: readonly AgentJson[];
  };
  readonly frameworks: readonly FrameworkJson[];
  readonly completed_frameworks: readonly FrameworkJson[];
}

/** The master of a node; undefined if it has ended. */
export const masterOn = (node: ProcessManager): MasterProcess | undefined =>
  [...node.processes()].map((mailbox) => mailbox.process).find(isMaster);

const isMaster = (process: unknown): process is MasterProcess => process instanceof MasterProcess;

/** What a master shows under `/state`. */
export function clusterState({ state }: MasterProcess): ClusterState {
  if (!state) return { leading: false, agents: [], frameworks: [], tasks: [] };
  const shown = printJson({ slaves: slavesJson(state), ...frameworksJson(state) });
  const json = JSON.parse(shown) as StateJson; // Our own master wrote it.
  const { slaves, recovered_slaves } = json.slaves;
  const all = [...json.frameworks, ...json.completed_frameworks];
  return {
    leading: true,
    agents: [
      ...slaves.map((agent) => agentState(agent, false)),
      ...recovered_slaves.map((agent) => agentState(agent, true)),
    ],
    frameworks: [
      ...json.frameworks.map((framework) => frameworkState(framework, false)),
      ...json.completed_frameworks.map((framework) => frameworkState(framework, true)),
    ],
    tasks: all.flatMap(({ tasks, unreachable_tasks, completed_tasks }) =>
      [...tasks, ...unreachable_tasks, ...completed_tasks].map(taskEntry),
    ),
  };
}

const agentState = (json: AgentJson, recovered: boolean): AgentState => ({
  id: json.id,
  hostname: json.hostname,
  active: json.active ?? false,
  recovered,
  resources: json.resources,
  usedResources: json.used_resources ?? {},
  offeredResources: json.offered_resources ?? {},
  attributes: json.attributes,
});

const frameworkState = (json: FrameworkJson, completed: boolean): FrameworkState => ({
  id: json.id,
  name: json.name,
  active: json.active,
  connected: json.connected,
  completed,
  offers: json.offers.length,
});

const taskEntry = (json: TaskJson): TaskEntry => ({
  id: json.id,
  name: json.name,
  state: json.state,
  frameworkId: json.framework_id,
  agentId: json.slave_id,
  executorId: json.executor_id,
  resources: json.resources,
});
