import { describe, expect, test } from '@jest/globals';
import { Message, type MessageType } from '../../libprocess/message.ts';
import { UPID } from '../../libprocess/upid.ts';
import {
  FrameworkRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type TaskState,
} from '../../proto/index.ts';
import { History, type NodeLife } from './history.ts';
import { UpdateChecks } from './update-checks.ts';

const AGENT = new UPID('slave(1)', '10.0.0.2:5051');
const MASTER = new UPID('master', '10.0.0.1:5050');
const SCHEDULER = new UPID('scheduler', '10.0.0.3:5052');
const MASTER_INFO = { id: 'm', ip: 0, port: 5050 };
const FRAMEWORK = { value: 'f' };
const TASK = { value: 't' };
const AGENT_ID = { value: 's' };

/** An agent and what it says and hears, judged. */
class Judged {
  readonly #history = new History(() => 0);
  #life: NodeLife = { address: AGENT.address, beganAtMs: 0, alive: true };

  constructor() {
    new UpdateChecks(this.#history);
  }

  get violations(): readonly string[] {
    return this.#history.violations.map(({ id }) => id);
  }

  startsAgain(): this {
    this.#life = { ...this.#life };
    return this.#see('delivered', SlaveReregisteredMessage, { slave_id: AGENT_ID });
  }

  says(state: TaskState, uuid: number): this {
    const status = { task_id: TASK, state, source: 'SOURCE_EXECUTOR' } as const;
    const update = { framework_id: FRAMEWORK, status, timestamp: 0, uuid: Uint8Array.of(uuid) };
    return this.#see('sent', StatusUpdateMessage, { update });
  }

  isAcknowledged(uuid: number): this {
    const of = { slave_id: AGENT_ID, framework_id: FRAMEWORK, task_id: TASK };
    return this.#see('delivered', StatusUpdateAcknowledgementMessage, {
      ...of,
      uuid: Uint8Array.of(uuid),
    });
  }

  schedulerIs(alive: boolean): this {
    const node = { address: SCHEDULER.address, beganAtMs: 0, alive };
    const body = { framework_id: FRAMEWORK, master_info: MASTER_INFO };
    const message = Message.ofValue(MASTER, SCHEDULER, FrameworkRegisteredMessage, body);
    this.#history.see({ kind: 'delivered', node, message });
    return this;
  }

  rests(): this {
    this.#history.rest();
    return this;
  }

  #see<M>(kind: 'sent' | 'delivered', type: MessageType<M>, body: M): this {
    const [from, to] = kind === 'sent' ? [AGENT, MASTER] : [MASTER, AGENT];
    this.#history.see({ kind, node: this.#life, message: Message.ofValue(from, to, type, body) });
    return this;
  }
}

describe('the checker of updates', () => {
  const started = (): Judged => new Judged().startsAgain().says('TASK_STARTING', 1);

  test('wants an acknowledgement between two updates of a task (U2)', () => {
    expect(started().isAcknowledged(1).says('TASK_RUNNING', 2).violations).toEqual([]);
    expect(started().says('TASK_RUNNING', 2).violations).toEqual(['U2']);
  });

  test('takes one before the update is repeated by an agent that was started again', () => {
    const agent = started().isAcknowledged(1).startsAgain().isAcknowledged(1);
    expect(agent.says('TASK_STARTING', 1).says('TASK_RUNNING', 2).violations).toEqual([]);
  });

  test('does not take that of its former life, which it may have forgotten', () => {
    const agent = started().isAcknowledged(1).startsAgain().says('TASK_STARTING', 1);
    expect(agent.says('TASK_RUNNING', 2).violations).toEqual(['U2']);
  });

  test('wants each acknowledged in the end, if there is a scheduler to do so (P12)', () => {
    expect(started().schedulerIs(true).isAcknowledged(1).rests().violations).toEqual([]);
    expect(started().schedulerIs(true).rests().violations).toEqual(['P12']);
    expect(started().schedulerIs(false).rests().violations).toEqual([]);
  });

  test('wants updates of a task in their order (T4)', () => {
    const agent = new Judged().startsAgain().says('TASK_RUNNING', 1).isAcknowledged(1);
    expect(agent.says('TASK_STARTING', 2).violations).toEqual(['T4']);
  });
});
