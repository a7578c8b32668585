import type { Message, MessageType } from '../libprocess/message.ts';
import {
  ExitedExecutorMessage,
  FrameworkErrorMessage,
  FrameworkReregisteredMessage,
  LostSlaveMessage,
  PingSlaveMessage,
  ReregisterExecutorMessage,
  ReregisterSlaveMessage,
  RescindResourceOfferMessage,
  ShutdownFrameworkMessage,
  SlaveReregisteredMessage,
  StatusUpdateMessage,
  UnregisterSlaveMessage,
  type TaskStatus,
} from '../proto/index.ts';
import type { Cluster } from '../testing/cluster.ts';
import type { LogLine } from '../libprocess/sim/index.ts';

/** What a program logs where it does something that is rarely needed names the state. */
const LOGGED = [
  'agent: Ended orphaned containers',
  'agent: Ending the executors of a former agent, as --recover=cleanup asks',
  'agent: Ignored a status update',
  'agent: No pings from the master; registering again',
  'agent: Refused a task',
  'agent: Shutting down a framework',
  'agent: Starting as a new agent',
  'agent: The master believes this agent disconnected; registering again',
  'agent: The master knows of a task that never came here',
  'master: Agent lost',
  'master: Framework came over from another master',
  'master: Framework failed over',
  'master: Framework failed to come back in time',
  'master: Framework removed',
  'master: Pruned the registry',
  'master: Refused a subscription',
] as const;

/** What a scheduler was told of a task. */
const TOLD = Object.entries<(status: TaskStatus) => boolean>({
  'task unreachable': ({ state }) => state === 'TASK_UNREACHABLE',
  'task unknown': ({ state }) => state === 'TASK_UNKNOWN',
  'task gone': ({ state }) => state === 'TASK_GONE',
  'task lost': ({ state }) => state === 'TASK_LOST',
  'task being killed': ({ state }) => state === 'TASK_KILLING',
  'task dropped for invalid offers': ({ reason }) => reason === 'REASON_INVALID_OFFERS',
  'task dropped by its agent': ({ state, source }) =>
    state === 'TASK_DROPPED' && source === 'SOURCE_SLAVE',
  'task dropped that its agent never had': ({ reason, source }) =>
    reason === 'REASON_RECONCILIATION' && source === 'SOURCE_SLAVE',
  'task killed before it was handed over': ({ reason }) =>
    reason === 'REASON_TASK_KILLED_DURING_LAUNCH',
  'task ended with its executor': ({ state, reason }) =>
    state === 'TASK_FAILED' && reason === 'REASON_EXECUTOR_TERMINATED',
  'task back with its agent': ({ reason }) => reason === 'REASON_SLAVE_REREGISTERED',
  'task lost with its agent': ({ reason }) => reason === 'REASON_SLAVE_REMOVED',
  'task lost with the connection to its agent': ({ reason }) =>
    reason === 'REASON_SLAVE_DISCONNECTED',
  'task for another executor of that id': ({ message = '' }) =>
    message.startsWith('ExecutorInfo is not compatible'),
  'task staging when asked about': ({ state }) => state === 'TASK_STAGING',
});

interface Arrival {
  readonly name: string;
  readonly type: string;
  readonly when: (message: Message) => boolean;
}

const arrival = <M>(
  name: string,
  type: MessageType<M>,
  when: (body: M) => boolean = () => true,
): Arrival => ({ name, type: type.fullName, when: (message) => when(message.as(type)) });

const ARRIVALS: readonly Arrival[] = [
  arrival('offer rescinded', RescindResourceOfferMessage),
  arrival('framework told of another scheduler', FrameworkErrorMessage, ({ message }) =>
    message.includes('failed over'),
  ),
  arrival('framework refused after its end', FrameworkErrorMessage, ({ message }) =>
    message.includes('removed'),
  ),
  arrival('scheduler registered again', FrameworkReregisteredMessage),
  arrival('scheduler told of a lost agent', LostSlaveMessage),
  arrival('agent told that it is disconnected', PingSlaveMessage, ({ connected }) => !connected),
  arrival('agent told of the end of a framework', ShutdownFrameworkMessage),
  arrival('agent left', UnregisterSlaveMessage),
  arrival('agent back with tasks', ReregisterSlaveMessage, ({ tasks = [] }) => tasks.length > 0),
  arrival('agent back with executors', ReregisterSlaveMessage, (message) => {
    return (message.executor_infos ?? []).length > 0;
  }),
  arrival('agent asked about tasks', SlaveReregisteredMessage, (message) => {
    return (message.reconciliations ?? []).length > 0;
  }),
  arrival('executor back with its agent', ReregisterExecutorMessage),
  arrival('executor back with updates', ReregisterExecutorMessage, ({ updates = [] }) => {
    return updates.length > 0;
  }),
  arrival('executor ended', ExitedExecutorMessage),
  arrival('executor never started', ExitedExecutorMessage, ({ status }) => status === -1),
];

const ARRIVALS_BY_TYPE: ReadonlyMap<string, readonly Arrival[]> = new Map(
  ARRIVALS.map(({ type }) => [type, ARRIVALS.filter((other) => other.type === type)]),
);

/**
 * Sometimes-assertions: states that a campaign of `SEEDS_FOR_ALL_STATES` seeds must have reached. One
 * that is never reached is a part of the system that the campaign says nothing about.
 */
export const RARE_STATES: readonly string[] = [
  ...LOGGED,
  ...TOLD.map(([name]) => name),
  ...ARRIVALS.map(({ name }) => name),
  'update told again',
  'flags refused by an agent',
  'core goes on without the rest',
];

export const SEEDS_FOR_ALL_STATES = 400;

/** Notes states that are reached, as long as the simulation lasts. */
export function watchRareStates({ mail }: Cluster, reached: Set<string>): void {
  const latest = new Map<string, string>();
  mail.listen((message, verdict) => {
    if (verdict !== 'deliver') return;
    for (const { name, when } of ARRIVALS_BY_TYPE.get(message.name) ?? []) {
      if (!reached.has(name) && when(message)) reached.add(name);
    }
    if (message.name !== StatusUpdateMessage.fullName || !message.to.id.startsWith('scheduler-'))
      return;
    const { status, uuid } = message.as(StatusUpdateMessage).update;
    for (const [name, when] of TOLD) if (when(status)) reached.add(name);
    if (!uuid || uuid.length === 0) return;
    const key = Buffer.from(uuid).toString('hex');
    if (latest.get(status.task_id.value) === key) reached.add('update told again');
    latest.set(status.task_id.value, key);
  });
}

/** Of the states, those that the programs have named themselves. */
export function loggedStates(logs: readonly LogLine[]): readonly string[] {
  const said = new Set(logs.map(({ component, message }) => `${component}: ${message}`));
  return LOGGED.filter((name) => said.has(name));
}
