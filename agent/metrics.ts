import { Counter, type Metric } from '../libprocess/metrics/metrics.ts';
import { PullGauge } from '../libprocess/metrics/pull-gauge.ts';
import type { MetricsRegistry } from '../libprocess/metrics/metrics-registry.ts';
import type { TaskState } from '../proto/index.ts';
import { Resources } from '../common/resources.ts';
import type { AgentModel } from './model/agent-model.ts';
import type { ExecutorState } from './model/executor.ts';

/** What the agent counts, under Mesos's names. */
export class AgentMetrics {
  readonly validStatusUpdates = new Counter('slave/valid_status_updates');
  readonly invalidStatusUpdates = new Counter('slave/invalid_status_updates');
  readonly validFrameworkMessages = new Counter('slave/valid_framework_messages');
  readonly invalidFrameworkMessages = new Counter('slave/invalid_framework_messages');
  readonly executorsTerminated = new Counter('slave/executors_terminated');
  readonly containerLaunchErrors = new Counter('slave/container_launch_errors');
  readonly recoveryErrors = new Counter('slave/recovery_errors');
  readonly pathRemovalsSucceeded = new Counter('gc/path_removals_succeeded');
  readonly pathRemovalsFailed = new Counter('gc/path_removals_failed');
  readonly #ended = new Map<TaskState, Counter>(
    (['FAILED', 'FINISHED', 'GONE', 'KILLED', 'LOST'] as const).map((state) => [
      `TASK_${state}`,
      new Counter(`slave/tasks_${state.toLowerCase()}`),
    ]),
  );

  /** A task has ended, as far as this agent is concerned. */
  taskEnded(state: TaskState): void {
    this.#ended.get(state)?.increment();
  }

  /** Shows all of it on a node, and beside it what can be read off the model. */
  register(registry: MetricsRegistry, sources: GaugeSources): readonly Metric[] {
    const metrics: Metric[] = [
      this.validStatusUpdates,
      this.invalidStatusUpdates,
      this.validFrameworkMessages,
      this.invalidFrameworkMessages,
      this.executorsTerminated,
      this.containerLaunchErrors,
      this.recoveryErrors,
      this.pathRemovalsSucceeded,
      this.pathRemovalsFailed,
      ...this.#ended.values(),
      ...gauges(sources),
    ];
    return metrics.map((metric) => registry.add(metric));
  }
}

export interface GaugeSources {
  readonly model: AgentModel;
  readonly uptimeSeconds: () => number;
  readonly pathRemovalsPending: () => number;
}

const EXECUTOR_STATES: readonly ExecutorState[] = ['registering', 'running', 'terminating'];
const TASK_STATES: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
];
const SCALARS = ['cpus', 'gpus', 'mem', 'disk'] as const;

function gauges({ model, uptimeSeconds, pathRemovalsPending }: GaugeSources): PullGauge[] {
  const executors = EXECUTOR_STATES.map(
    (state) => new PullGauge(`slave/executors_${state}`, () => count(model, state)),
  );
  const tasks = TASK_STATES.map(
    (state) =>
      new PullGauge(`slave/${state.toLowerCase().replace('task_', 'tasks_')}`, () =>
        tasksIn(model, state),
      ),
  );
  return [
    new PullGauge('slave/uptime_secs', uptimeSeconds),
    new PullGauge('slave/registered', () => (model.state === 'running' ? 1 : 0)),
    new PullGauge('slave/frameworks_active', () => model.frameworks.size),
    new PullGauge('gc/path_removals_pending', pathRemovalsPending),
    ...executors,
    ...tasks,
    ...SCALARS.flatMap((name) => resourceGauges(model, name)),
  ];
}

function resourceGauges(model: AgentModel, name: string): PullGauge[] {
  const total = (): number => Resources.fromProtobuf(model.info.resources).scalar(name) ?? 0;
  const used = (): number => model.allocatedResources().scalar(name) ?? 0;
  return [
    new PullGauge(`slave/${name}_total`, total),
    new PullGauge(`slave/${name}_used`, used),
    new PullGauge(`slave/${name}_percent`, () => (total() > 0 ? used() / total() : 0)),
  ];
}

function count(model: AgentModel, state: ExecutorState): number {
  return [...model.executors()].filter((executor) => executor.state === state).length;
}

function tasksIn(model: AgentModel, state: TaskState): number {
  let tasks = 0;
  for (const executor of model.executors()) {
    if (state === 'TASK_STAGING') tasks += executor.queuedTasks.size;
    for (const task of executor.launchedTasks.values()) if (task.state === state) tasks += 1;
  }
  return tasks;
}
