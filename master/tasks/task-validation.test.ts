import { describe, expect, test } from '@jest/globals';
import { agentId, frameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { UPID } from '../../libprocess/upid.ts';
import type { TaskInfo } from '../../proto/index.ts';
import { Agent } from '../state/agent.ts';
import { Framework } from '../state/framework.ts';
import { TaskRecord } from '../state/task-record.ts';
import { addExecutor } from './executors.ts';
import { addTask } from './task-lifecycle.ts';
import { taskProblem } from './task-validation.ts';

const allocated = (text: string) => Resources.from(text).allocate('*').toProtobuf();

const TASK: TaskInfo = {
  name: 't',
  task_id: { value: 't' },
  slave_id: { value: 's' },
  resources: allocated('cpus:1;mem:64'),
  command: { value: 'true' },
};

const { command: _command, ...COMMANDLESS } = TASK;
const EXECUTOR = { executor_id: { value: 'e' }, command: { value: './e' } };

function context(available = 'cpus:2;mem:128') {
  const framework = new Framework({
    id: frameworkId('f'),
    info: { user: 'root', name: 'f' },
    pid: undefined,
    state: 'active',
    registeredAtMs: 0,
    limits: { completedTasksMax: 1, unreachableTasksMax: 1 },
  });
  const description = {
    pid: new UPID('slave(1)', '10.0.0.1:5051'),
    info: { hostname: 'h', id: { value: 's' } },
    version: '1.12.0',
    capabilities: [],
    resourceVersion: undefined,
    checkpointedResources: [],
  };
  const agent = new Agent(agentId('s'), description, 0);
  return { framework, agent, description, available: Resources.from(available).allocate('*') };
}

describe('a task', () => {
  test('that asks for what there is may be launched', () => {
    expect(taskProblem(TASK, context())).toBeUndefined();
    expect(taskProblem({ ...COMMANDLESS, executor: EXECUTOR }, context())).toBeUndefined();
  });

  test.each<[string, TaskInfo, string]>([
    [
      'an id with a slash',
      { ...TASK, task_id: { value: 'a/b' } },
      "'a/b' contains invalid characters",
    ],
    ['an empty id', { ...TASK, task_id: { value: '' } }, 'ID must not be empty'],
    [
      'another agent',
      { ...TASK, slave_id: { value: 'x' } },
      'Task uses invalid agent x while agent s is expected',
    ],
    ['no resources [0146c66]', { ...TASK, resources: [] }, 'Task uses no resources'],
    [
      'resources of nothing',
      { ...TASK, resources: allocated('cpus:1').map((one) => ({ ...one, scalar: { value: 0 } })) },
      'Task uses no resources',
    ],
    [
      'a negative grace period',
      { ...TASK, kill_policy: { grace_period: { nanoseconds: -1n } } },
      "Task's 'kill_policy.grace_period' must be non-negative",
    ],
    [
      'a negative time to complete',
      { ...TASK, max_completion_time: { nanoseconds: -1n } },
      "Task's 'max_completion_time' must be non-negative",
    ],
    [
      'neither command nor executor',
      COMMANDLESS,
      'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present',
    ],
    [
      'both command and executor',
      { ...TASK, executor: EXECUTOR },
      'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present',
    ],
    [
      'an executor of another framework [43c1543]',
      { ...COMMANDLESS, executor: { ...EXECUTOR, framework_id: { value: 'g' } } },
      'ExecutorInfo has an invalid FrameworkID (Actual: g vs Expected: f)',
    ],
    [
      'more than there is [7172e64]',
      { ...TASK, resources: allocated('cpus:3;mem:64') },
      'Total resources cpus(allocated: *):3; mem(allocated: *):64 required by task and its executor is more than available cpus(allocated: *):2; mem(allocated: *):128',
    ],
    [
      'a check without a type',
      { ...TASK, check: {} },
      'Task uses invalid check: CheckInfo must specify `type`',
    ],
    [
      'a health check without its part',
      { ...TASK, health_check: { type: 'HTTP' } },
      "Task uses invalid health check: Expecting 'http' to be set for HTTP check",
    ],
    [
      'a limit below its request',
      { ...TASK, limits: { cpus: { value: 0.5 } } },
      'Task has a limit of 0.5 cpus below its request of 1',
    ],
    [
      'a limit on disk',
      { ...TASK, limits: { disk: { value: 5 } } },
      "Task has limits for 'disk', only cpus and mem can be limited",
    ],
  ])('with %s may not', (_what, task, problem) => {
    expect(taskProblem(task, context())).toBe(problem);
  });

  test('with the id of one that is unreachable may not [35edf78]', () => {
    const launch = context();
    const unreachable = TaskRecord.launched(TASK, launch.framework.id);
    launch.framework.unreachableTasks.set(unreachable.taskId, unreachable);
    expect(taskProblem(TASK, launch)).toBe('Task reuses the ID of an unreachable task: t');
  });

  test('of an agent that is back does not take the place of a later one with its id', () => {
    const { framework, agent, description } = context();
    const later = TaskRecord.launched(TASK, framework.id);
    addTask(framework, agent, later);
    const other = new Agent(agentId('o'), description, 0);
    const former = TaskRecord.launched({ ...TASK, slave_id: { value: 'o' } }, framework.id);
    addTask(framework, other, former);
    expect(framework.tasks.get(later.taskId)).toBe(later);
    expect(other.tasks.get(framework.id, former.taskId)).toBe(former);
  });

  test('with the id of one that is not over may not [2ca4f26]', () => {
    const launch = context();
    addTask(launch.framework, launch.agent, TaskRecord.launched(TASK, launch.framework.id));
    expect(taskProblem(TASK, launch)).toBe('Task has duplicate ID: t');
  });

  test('of an executor that is there pays for itself only, if it means the same one', () => {
    const launch = context('cpus:1;mem:64');
    const executor = { ...EXECUTOR, resources: allocated('cpus:1;mem:64') };
    const task = { ...COMMANDLESS, executor };
    expect(taskProblem(task, launch)).toMatch(/^Total resources/);
    // The agent names the framework and says nothing of allocations.
    const known = { ...executor, resources: Resources.from('cpus:1;mem:64').toProtobuf() };
    addExecutor(launch.framework, launch.agent, { ...known, framework_id: { value: 'f' } });
    expect(taskProblem(task, launch)).toBeUndefined();
    const other = { ...task, executor: { ...executor, name: 'other' } };
    expect(taskProblem(other, launch)).toMatch(/^ExecutorInfo is not compatible/);
  });
});
