import type { Difference } from './compare.ts';
import type { StoryName } from './stories.ts';

/** A difference that is meant, and why. */
export interface Declared extends Difference {
  readonly because: string;
}

const THEIR_CAPABILITIES = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESOURCE_PROVIDER',
  'RESIZE_VOLUME',
  'AGENT_OPERATION_FEEDBACK',
  'AGENT_DRAINING',
  'TASK_RESOURCE_LIMITS',
];
const OUR_CAPABILITIES = THEIR_CAPABILITIES.slice(0, 3);

const asMessages = (types: readonly string[]): { type: string }[] =>
  types.map((type) => ({ type }));

/** Of an agent that registers or registers again. */
const registration = (name: 'RegisterSlaveMessage' | 'ReregisterSlaveMessage'): Declared[] => [
  {
    message: `slave(1) -> master ${name}`,
    path: 'agent_capabilities',
    theirs: asMessages(THEIR_CAPABILITIES),
    ours: asMessages(OUR_CAPABILITIES),
    because: 'an agent claims only what it does: no volumes, operations, draining or limits yet',
  },
  {
    message: 'slave(1) -> master UpdateSlaveMessage',
    theirs: 'said',
    because: 'it tells of resource providers and operations; ours does not claim RESOURCE_PROVIDER',
  },
];

/** Of the built-in executor of a command task. */
const builtIn = (task: string): Declared[] => [
  {
    message: `slave(1) -> <executor of ${task}> ExecutorRegisteredMessage`,
    path: 'executor_info.command.value',
    theirs: '/usr/libexec/mesos/mesos-executor',
    ours: 'mesos-executor',
    because: 'there is no such program: the executor lives beside the agent',
  },
  {
    message: `slave(1) -> <executor of ${task}> ExecutorRegisteredMessage`,
    path: 'executor_info.command.arguments',
    theirs: ['mesos-executor', '--launcher_dir=/usr/libexec/mesos'],
    ours: ['mesos-executor'],
    because: 'there is no launcher directory to tell it of',
  },
  ...['slave(1) -> master', 'master -> <scheduler>'].map((pair) => ({
    message: `${pair} StatusUpdateMessage TASK_STARTING`,
    path: 'update.status.container_status.executor_pid',
    theirs: `<process of ${task}>`,
    because: 'the task has no process yet: the wrapper of its command starts after this update',
  })),
];

const NO_PID_WHILE_STARTING: Declared = {
  message: 'slave(1) -> master ReregisterSlaveMessage',
  path: 'tasks[].statuses[].container_status.executor_pid',
  theirs: '<process of 0>',
  because: 'as it was sent: a task that starts has no process yet',
};

const LATEST_STATE = ['slave(1) -> master', 'master -> <scheduler>'].map((pair) => ({
  message: `${pair} StatusUpdateMessage TASK_RUNNING`,
  path: 'update.latest_state',
  theirs: 'TASK_RUNNING',
  ours: 'TASK_FINISHED',
  because:
    'the next update of the executor came before this one was forwarded; C++ had it so for one task of five',
}));

export const DIFFERENCES: Readonly<Record<StoryName, readonly Declared[]>> = {
  'agent-registers': registration('RegisterSlaveMessage'),
  'agent-unregisters': [],
  'v0-driver-custom-executor': [
    ...LATEST_STATE,
    {
      message: 'slave(1) -> <executor of default> StatusUpdateAcknowledgementMessage',
      theirs: 'said',
      ours: 'said in another order',
      because:
        'C++ shrinks the container before it records a terminal update, so those of other tasks overtake it',
    },
  ],
  'v0-driver-command-tasks': ['0', '1', '2'].flatMap(builtIn),
  'v0-driver-framework-killed': builtIn('0'),
  'agent-killed-reregisters': [
    ...registration('ReregisterSlaveMessage'),
    NO_PID_WHILE_STARTING,
    {
      message: 'slave-observer(1) -> slave(1) PingSlaveMessage disconnected',
      theirs: 'said',
      because: 'C++ recovers for two seconds at least; ours is back before the next ping',
    },
  ],
  'agent-unreachable-reregisters': [
    ...registration('ReregisterSlaveMessage'),
    NO_PID_WHILE_STARTING,
  ],
  'master-killed-standalone': [...registration('ReregisterSlaveMessage'), NO_PID_WHILE_STARTING],
};
