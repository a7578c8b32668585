import { RecentSet } from '../../libprocess/collections/recent-set.ts';
import { isTerminal } from '../../common/task-state.ts';
import type { Millis } from '../../libprocess/clock.ts';
import {
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  PingSlaveMessage,
  RegisterSlaveMessage,
  ReregisterSlaveMessage,
  RunTaskGroupMessage,
  RunTaskMessage,
  ShutdownFrameworkMessage,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  StatusUpdateRecord,
  UpdateFrameworkMessage,
  type StatusUpdate,
  type TaskState,
} from '../../proto/index.ts';
import type { EventOf, History, NodeLife } from './history.ts';
import { PerLife } from './per-life.ts';
import type { Durability } from './sim-durability.ts';

/** As in Mesos. */
const RETRY_MS_MIN: Millis = 10_000;
const RETRY_MS_MAX: Millis = 600_000;
/** Events of one moment that follow from one another. */
const MOMENT_MS: Millis = 50;
/** A retry may wait for its turn. */
const LATE_MS: Millis = 2_000;
/** An acknowledgement is on the disk by then, if the disk is not very slow. */
const STORED_WITHIN_MS: Millis = 60_000;
/** A node that nothing was seen of for so long may have been stopped. */
const AWAKE_MS: Millis = 16_000;
const ENDED_MAX = 8_192;

const RANK: Partial<Record<TaskState, number>> = {
  TASK_STAGING: 0,
  TASK_STARTING: 1,
  TASK_RUNNING: 2,
  TASK_KILLING: 3,
};

/** The update of a stream that was sent last. */
interface Head {
  readonly uuid: string;
  readonly state: TaskState;
  /** The bytes of the record which says that it was acknowledged. */
  readonly acknowledgement: Uint8Array;
  /** Whether it has to be on the disk of its agent. */
  readonly recorded: boolean;
  sentBy: NodeLife;
  sentAtMs: Millis;
  intervalMs: Millis;
  /** Since when it seems to be late: what has been held up may all come in one moment. */
  lateSinceMs: Millis | undefined;
  /** When an acknowledgement has reached the agent, in which life. */
  acknowledged: { readonly by: NodeLife; readonly atMs: Millis } | undefined;
}

interface Stream {
  readonly taskId: string;
  readonly frameworkId: string;
  head: Head;
  /** A task of the same name has come after it. */
  relaunched: boolean;
}

/** One life of an agent's node. */
interface AgentLife {
  /** Whether a master knows it, as it was told. */
  registered: boolean;
  /** When it was told to send again what is not acknowledged: all of it, or that of one framework. */
  resumedAtMs: Millis;
  readonly resumedFrameworks: Map<string, Millis>;
  seenAtMs: Millis;
  awakeSinceMs: Millis;
}

/**
 * U2 to U5, U7, T3 and T4 by what agents send: an update leaves when it is durable, the next of its stream
 * when the acknowledgement of the one before is; it is repeated in time, at once when somebody may have
 * missed it, and not once it was acknowledged.
 */
export class UpdateChecks {
  readonly #history: History;
  readonly #durability: Durability | undefined;
  /** By address of the agent, then by framework and task. */
  readonly #streams = new Map<string, Map<string, Stream>>();
  readonly #agents = new PerLife<AgentLife>(() => ({
    registered: false,
    resumedAtMs: -Infinity,
    resumedFrameworks: new Map(),
    seenAtMs: this.#history.nowMs,
    awakeSinceMs: this.#history.nowMs,
  }));
  /** Frameworks that have ended, as some agent was told. */
  readonly #over = new Set<string>();
  /** Frameworks that have ended, by address of the agent that was told. */
  readonly #shutDown = new Set<string>();
  /** Frameworks whose tasks and updates are on no disk. */
  readonly #uncheckpointed = new Set<string>();
  /** Ids of agents, by address. */
  readonly #ids = new Map<string, string>();
  /** Where the scheduler of each framework was last heard by it to be registered. */
  readonly #schedulers = new Map<string, NodeLife>();
  /** Streams that are over, oldest first. */
  readonly #ended = new RecentSet<string>(ENDED_MAX);
  /** Accepted from executors though they were not on the disk. */
  readonly #early = new Map<string, string>();

  /** Without `durability` as in a trace of a real cluster: nobody knows its disks, nor how late its clocks strike. */
  constructor(history: History, durability?: Durability) {
    this.#history = history;
    this.#durability = durability;
    history.onMessage('sent', StatusUpdateMessage, ({ update }, { node, message }) => {
      if (message.to.id === 'master') this.#sent(update, node);
    });
    history.onMessage('sent', StatusUpdateAcknowledgementMessage, (body, event) => {
      if (isAgent(event.message.from.id)) this.#accepted(body, event);
    });
    history.onMessage('delivered', StatusUpdateAcknowledgementMessage, (body, event) => {
      if (event.message.from.id === 'master') this.#acknowledged(body, event.node);
    });
    for (const type of [FrameworkRegisteredMessage, FrameworkReregisteredMessage] as const)
      history.onMessage<FrameworkRegisteredMessage>(
        'delivered',
        type,
        ({ framework_id }, { node }) => {
          this.#schedulers.set(framework_id.value, node);
        },
      );
    history.onMessage('delivered', ShutdownFrameworkMessage, ({ framework_id }, { node }) => {
      this.#shutDown.add(`${node.address} ${framework_id.value}`);
      for (const [key, stream] of this.#streams.get(node.address) ?? [])
        if (stream.frameworkId === framework_id.value) this.#streams.get(node.address)?.delete(key);
    });
    history.onMessage('delivered', RunTaskMessage, ({ framework, task }, { node, message }) => {
      if (framework.checkpoint !== true) this.#uncheckpointed.add(framework.id?.value ?? '');
      if (message.from.id === 'master')
        this.#launched(node, framework.id?.value ?? '', task.task_id.value);
    });
    history.onMessage('delivered', RunTaskGroupMessage, ({ framework, task_group }, { node }) => {
      for (const { task_id } of task_group.tasks ?? [])
        this.#launched(node, framework.id?.value ?? '', task_id.value);
    });
    this.#watchRegistration();
    history.onRest(() => this.#rest());
  }

  #watchRegistration(): void {
    const history = this.#history;
    const silent = ({ node }: { node: NodeLife }): void => {
      this.#agents.of(node).registered = false;
    };
    history.onMessage('sent', RegisterSlaveMessage, (_, event) => silent(event));
    history.onMessage('sent', ReregisterSlaveMessage, (_, event) => silent(event));
    history.on('exited', ({ node, linker, of }) => {
      if (of.id === 'master' && isAgent(linker.id)) silent({ node });
    });
    const resumed = ({ node }: { node: NodeLife }): void => {
      const agent = this.#agents.of(node);
      agent.registered = true;
      agent.resumedAtMs = history.nowMs;
    };
    history.onMessage('delivered', SlaveRegisteredMessage, ({ slave_id }, event) => {
      this.#named(event.node, slave_id.value);
      // The answer to a repeated registration changes nothing.
      if (!this.#agents.of(event.node).registered) resumed(event);
    });
    history.onMessage('delivered', SlaveReregisteredMessage, (_, event) => resumed(event));
    history.onMessage('delivered', UpdateFrameworkMessage, ({ framework_info }, { node }) => {
      const id = framework_info?.id?.value ?? '';
      this.#agents.of(node).resumedFrameworks.set(id, history.nowMs);
    });
    history.onMessage('sent', ShutdownFrameworkMessage, ({ framework_id }) => {
      this.#over.add(framework_id.value);
    });
    history.onMessage('delivered', PingSlaveMessage, ({ connected }, { node }) => {
      this.#lookFor(node);
      if (!connected) silent({ node });
    });
  }

  /** An agent that is given another id is another agent: it repeats nothing of the one before. */
  #named({ address }: NodeLife, agentId: string): void {
    if (this.#ids.get(address) !== agentId) this.#streams.delete(address);
    this.#ids.set(address, agentId);
  }

  /** Names may be used again when what had them is over. */
  #launched({ address }: NodeLife, frameworkId: string, taskId: string): void {
    const key = `${frameworkId} ${taskId}`;
    this.#ended.delete(`${address} ${key}`);
    const stream = this.#streams.get(address)?.get(key);
    if (stream) stream.relaunched = true;
  }

  /** An agent tells the master. */
  #sent(update: StatusUpdate, node: NodeLife): void {
    const { uuid: bytes, status, framework_id } = update;
    const frameworkId = framework_id.value;
    // What is still sent of a framework that has ended is not repeated.
    if (!bytes || this.#shutDown.has(`${node.address} ${frameworkId}`)) return;
    const uuid = textOf(bytes);
    const taskId = status.task_id.value;
    const key = `${frameworkId} ${taskId}`;
    let streams = this.#streams.get(node.address);
    if (!streams) this.#streams.set(node.address, (streams = new Map<string, Stream>()));
    const stream = streams.get(key);
    if (stream?.head.uuid === uuid) {
      this.#sentAgain(stream, node);
      return;
    }
    const checkpoints = !this.#uncheckpointed.has(frameworkId);
    const recorded = status.source === 'SOURCE_EXECUTOR' && checkpoints;
    // What is not on the disk is forgotten with the life of its agent.
    const goesOn = stream && (stream.head.recorded || stream.head.sentBy === node);
    // An agent that never had the next task of that name says so; the one before is over for it.
    const isDenial = status.reason === 'REASON_RECONCILIATION';
    if (goesOn && !(isDenial && isTerminal(stream.head.state)))
      this.#checkNext(stream, status.state, node);
    else if (recorded && !stream && this.#ended.has(`${node.address} ${key}`))
      this.#violated('T3', taskId, `${status.state} is sent after its end was acknowledged`);
    if (recorded) this.#checkDurable(uuid, { node, taskId, bytes });
    const head: Head = {
      uuid,
      state: status.state,
      acknowledgement: StatusUpdateRecord.encode({ type: 'ACK', uuid: bytes }),
      recorded,
      sentBy: node,
      sentAtMs: this.#history.nowMs,
      intervalMs: RETRY_MS_MIN,
      lateSinceMs: undefined,
      acknowledged: undefined,
    };
    streams.set(key, { taskId, frameworkId, head, relaunched: false });
  }

  /** U4: nothing is visible that a power cut could take back. */
  #checkDurable(
    uuid: string,
    { node, taskId, bytes }: { node: NodeLife; taskId: string; bytes: Uint8Array },
  ): void {
    if (this.#durability?.(node.address, bytes, taskId) === false)
      this.#violated('U4', taskId, 'an update is sent that is not on the disk');
    if (this.#early.delete(uuid))
      this.#violated('U4', taskId, 'an update was accepted that was not on the disk');
  }

  /** The next one of a stream is sent for the first time. */
  #checkNext({ taskId, head, relaunched }: Stream, state: TaskState, node: NodeLife): void {
    if (!head.acknowledged)
      this.#violated('U2', taskId, `${state} is sent before ${head.state} was acknowledged`);
    if (relaunched && isTerminal(head.state)) return;
    if (head.recorded && this.#durability?.(node.address, head.acknowledgement, taskId) === false) {
      this.#violated('U5', taskId, `${state} is sent, and the one before may come again`);
    }
    if ((RANK[state] ?? 9) <= (RANK[head.state] ?? 9) && head.recorded)
      this.#violated('T4', taskId, `${state} follows ${head.state}`);
  }

  #sentAgain(stream: Stream, node: NodeLife): void {
    const { head, taskId, frameworkId } = stream;
    const { nowMs } = this.#history;
    const agent = this.#agents.of(node);
    const { acknowledged } = head;
    if (acknowledged?.by === node && nowMs > acknowledged.atMs + MOMENT_MS)
      this.#late(taskId, `${head.state} is sent again though it was acknowledged`);
    if (
      head.sentBy !== node &&
      acknowledged &&
      head.recorded &&
      this.#durability?.(node.address, head.acknowledgement, taskId) === true
    )
      this.#violated('U5', taskId, `${head.state} comes again though its end is on the disk`);
    const resumedAtMs = agent.resumedFrameworks.get(frameworkId) ?? -Infinity;
    // What is asked of an agent whose id is on its way to the disk waits, as its updates do.
    const askedWhileHeld = nowMs === head.sentAtMs && resumedAtMs > -Infinity;
    const asked = Math.max(agent.resumedAtMs, resumedAtMs) >= nowMs - MOMENT_MS || askedWhileHeld;
    const waited = agent.resumedAtMs > head.sentAtMs && !asked && !acknowledged;
    if (waited && head.sentBy === node)
      this.#late(taskId, `${head.state} was not sent again at once to a master that is back`);
    if (asked || head.sentBy !== node) {
      head.intervalMs = RETRY_MS_MIN;
    } else {
      const waitedMs = nowMs - head.sentAtMs;
      if (waitedMs < head.intervalMs - MOMENT_MS)
        this.#late(taskId, `${head.state} is repeated after ${String(waitedMs)} ms`);
      head.intervalMs = Math.min(2 * head.intervalMs, RETRY_MS_MAX);
    }
    // An acknowledgement that a crash has undone must come again; one that waits for its turn need not.
    if (head.sentBy !== node && acknowledged?.by !== node) head.acknowledged = undefined;
    head.sentBy = node;
    head.sentAtMs = nowMs;
    head.lateSinceMs = undefined;
  }

  /** An agent tells an executor that it needs not repeat an update. */
  #accepted(
    { uuid, task_id }: StatusUpdateAcknowledgementMessage,
    { node, message }: EventOf<'sent' | 'delivered'>,
  ): void {
    if (this.#durability?.(node.address, uuid, task_id.value) === false)
      this.#early.set(textOf(uuid), message.to.id);
    if (this.#early.size <= ENDED_MAX) return;
    const [oldest] = this.#early.keys();
    if (oldest !== undefined) this.#early.delete(oldest);
  }

  #acknowledged(
    { framework_id, task_id, uuid }: StatusUpdateAcknowledgementMessage,
    node: NodeLife,
  ): void {
    const key = `${framework_id.value} ${task_id.value}`;
    const streams = this.#streams.get(node.address);
    const head = streams?.get(key)?.head;
    if (head?.uuid !== textOf(uuid)) return;
    if (!this.#agents.of(node).registered) return; // It may not listen, and repeat the update.
    // What a former life of the agent heard says nothing of what this one has on its disk.
    if (head.acknowledged?.by !== node) head.acknowledged = { by: node, atMs: this.#history.nowMs };
  }

  /** A good moment to see whether anything that was due has not been sent. */
  #lookFor(node: NodeLife): void {
    const agent = this.#agents.of(node);
    const { nowMs } = this.#history;
    if (nowMs > agent.seenAtMs + AWAKE_MS) agent.awakeSinceMs = nowMs;
    agent.seenAtMs = nowMs;
    if (!agent.registered) return;
    const streams = this.#streams.get(node.address);
    for (const [key, stream] of streams ?? []) {
      const { head, taskId } = stream;
      if (head.acknowledged) {
        this.#forgetEnded(key, stream, node);
        continue;
      }
      const known = head.recorded || head.sentBy === node;
      if (!known || agent.awakeSinceMs > Math.min(head.sentAtMs, agent.resumedAtMs)) continue;
      const unheard = agent.resumedAtMs > head.sentAtMs && nowMs > agent.resumedAtMs + MOMENT_MS;
      const dueAtMs = Math.max(head.sentAtMs + head.intervalMs, agent.resumedAtMs);
      const late = unheard || nowMs > dueAtMs + LATE_MS;
      head.lateSinceMs = late ? (head.lateSinceMs ?? nowMs) : undefined;
      if (head.lateSinceMs === undefined) continue;
      if (nowMs < head.lateSinceMs + LATE_MS) continue;
      if (unheard) this.#late(taskId, `${head.state} is not sent again to a master that is back`);
      else this.#late(taskId, `${head.state} is not repeated in time`);
    }
  }

  /** What is on the disk will not come again; what a crash may have undone, or is removed by now, may. */
  #forgetEnded(key: string, { head, taskId, relaunched }: Stream, node: NodeLife): void {
    if (!isTerminal(head.state)) return;
    const storedAtMs = (head.acknowledged?.atMs ?? 0) + STORED_WITHIN_MS;
    if (this.#history.nowMs < storedAtMs) return;
    this.#streams.get(node.address)?.delete(key);
    const { acknowledged, acknowledgement } = head;
    const isStored = this.#durability?.(node.address, acknowledgement, taskId);
    const isOver = isStored ?? acknowledged?.by === node;
    if (!relaunched && isOver) this.#ended.add(`${node.address} ${key}`);
  }

  /** P12: nothing is left to be told. */
  #rest(): void {
    for (const streams of this.#streams.values()) {
      for (const { head, taskId, frameworkId } of streams.values()) {
        // Nobody is left to acknowledge what is told of a framework that was ended, or left for good. Of the
        // latter an agent never hears from a master that was elected since, and repeats it, as in Mesos.
        const isOver =
          this.#over.has(frameworkId) || this.#schedulers.get(frameworkId)?.alive === false;
        if (head.acknowledged || !head.sentBy.alive || isOver) continue;
        this.#violated('P12', taskId, `${head.state} is told and never acknowledged`);
      }
    }
  }

  /** U7 */
  #late(taskId: string, what: string): void {
    if (this.#durability) this.#violated('U7', taskId, what);
  }

  #violated(id: string, taskId: string, what: string): void {
    this.#history.violated(id, `task '${taskId}': ${what}`);
  }
}

const isAgent = (id: string): boolean => id.startsWith('slave(');

const textOf = (uuid: Uint8Array): string => Buffer.from(uuid).toString('hex');
