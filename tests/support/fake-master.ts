import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { MessageType } from '../../libprocess/message.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ExitedExecutorMessage,
  PongSlaveMessage,
  RegisterSlaveMessage,
  ReregisterSlaveMessage,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type StatusUpdate,
  type TaskState,
} from '../../proto/index.ts';

/** Lets the agent in, notes what it is told, and sends whatever its test says. */
export class FakeMaster extends ProtobufProcess {
  agent: UPID | undefined;
  /** The id that it gives. */
  agentId = 'agent-S0';
  /** Whether registrations are answered. */
  answers = true;
  /** Whether updates are acknowledged at once. */
  acknowledges = true;
  readonly registrations: RegisterSlaveMessage[] = [];
  readonly reregistrations: ReregisterSlaveMessage[] = [];
  readonly updates: StatusUpdate[] = [];
  readonly exitedExecutors: string[] = [];
  pongs = 0;

  constructor(id = 'master') {
    super(id);
    this.install(RegisterSlaveMessage, (from, m) => {
      this.agent = from;
      this.registrations.push(m);
      if (this.answers) this.tell(SlaveRegisteredMessage, { slave_id: { value: this.agentId } });
    });
    this.install(ReregisterSlaveMessage, (from, m) => {
      this.agent = from;
      this.reregistrations.push(m);
      if (this.answers) this.tell(SlaveReregisteredMessage, { slave_id: { value: this.agentId } });
    });
    this.install(StatusUpdateMessage, (_from, m) => {
      this.updates.push(m.update);
      if (this.acknowledges) this.acknowledge(m.update);
    });
    this.install(ExitedExecutorMessage, (_from, m) => {
      this.exitedExecutors.push(m.executor_id.value);
    });
    this.install(PongSlaveMessage, () => {
      this.pongs += 1;
    });
  }

  /** To the agent that registered last. */
  tell<M>(type: MessageType<M>, message: M): void {
    if (!this.agent) throw new Error('An agent has registered');
    this.send(this.agent, type, message);
  }

  /** Each state told of a task, in order; one that came again counts once. */
  statesOf(taskId: string): TaskState[] {
    const seen = new Set<string>();
    return this.updates.flatMap(({ status, uuid }) => {
      const key = Buffer.from(uuid ?? []).toString('hex');
      if (status.task_id.value !== taskId || seen.has(key)) return [];
      seen.add(key);
      return [status.state];
    });
  }

  latest(taskId: string): StatusUpdate | undefined {
    return this.updates.findLast(({ status }) => status.task_id.value === taskId);
  }

  /** As a scheduler does, by way of the master. */
  acknowledge({ framework_id, status, uuid }: StatusUpdate): void {
    this.tell(StatusUpdateAcknowledgementMessage, {
      slave_id: { value: this.agentId },
      framework_id,
      task_id: status.task_id,
      uuid: uuid ?? new Uint8Array(),
    });
  }
}
