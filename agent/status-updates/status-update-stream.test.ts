import { describe, expect, test } from '@jest/globals';
import type { StatusUpdate, TaskState } from '../../proto/index.ts';
import {
  RETRY_INTERVAL_MS_MIN,
  StatusUpdateStream,
  type Effect,
  type Input,
} from './status-update-stream.ts';

const idOf = (name: string): Uint8Array => new TextEncoder().encode(name.padEnd(16, '.'));

function updateOf(state: TaskState, name: string = state): StatusUpdate {
  return {
    framework_id: { value: 'f' },
    status: { task_id: { value: 't' }, state },
    timestamp: 1,
    uuid: idOf(name),
  };
}

const STARTING = updateOf('TASK_STARTING');
const RUNNING = updateOf('TASK_RUNNING');
const FINISHED = updateOf('TASK_FINISHED');
const update = (of: StatusUpdate): Input => ({ kind: 'update', update: of });
const ack = (of: StatusUpdate): Input => ({
  kind: 'acknowledgement',
  uuid: of.uuid ?? new Uint8Array(),
});
const STORED: Input = { kind: 'stored' };
const RETRY: Input = { kind: 'retry' };
const RESEND: Input = { kind: 'resend' };

/** What becomes of an update, acknowledged to the end. */
const delivered = (of: StatusUpdate): Input[] => [update(of), STORED, ack(of), STORED];

/** Feeds the inputs in order; returns the effects of the last one, in short. */
function run(...inputs: Input[]): string[] {
  const stream = new StatusUpdateStream();
  let effects: readonly Effect[] = [];
  for (const input of inputs) effects = stream.apply(input);
  return effects.map(brief);
}

function brief(effect: Effect): string {
  switch (effect.kind) {
    case 'checkpoint':
      return `checkpoint ${effect.record.type}`;
    case 'accepted':
      return `accepted ${effect.update.status.state}`;
    case 'forward':
      return `forward ${effect.update.status.state} retry ${effect.retryAfterMs / 1_000}`;
    case 'acknowledged':
      return `acknowledged ${effect.update.status.state}${effect.ended ? ', ended' : ''}`;
    case 'ignored':
      return `ignored ${effect.reason}`;
  }
}

describe('a status update stream', () => {
  test('neither accepts nor forwards an update before its record is durable (U4)', () => {
    expect(run(update(RUNNING))).toEqual(['checkpoint UPDATE']);
    expect(run(update(RUNNING), RESEND)).toEqual([]);
    expect(run(update(RUNNING), RETRY)).toEqual([]);
    expect(run(update(RUNNING), STORED)).toEqual([
      'accepted TASK_RUNNING',
      'forward TASK_RUNNING retry 10',
    ]);
  });

  test('repeats an update after ten seconds, whatever timer of the one before went off meanwhile (U7)', () => {
    const early = [update(RUNNING), RETRY];
    expect(run(...delivered(STARTING), ...early, STORED)).toEqual([
      'accepted TASK_RUNNING',
      'forward TASK_RUNNING retry 10',
    ]);
  });

  test('holds the second update back until the first is acknowledged (U2)', () => {
    const two = [update(RUNNING), update(FINISHED), STORED, STORED];
    expect(run(...two)).toEqual(['accepted TASK_FINISHED']);
    expect(run(...two, ack(RUNNING))).toEqual(['checkpoint ACK']);
  });

  test('sends the next update only when the acknowledgement is durable (U5)', () => {
    const acknowledging = [update(RUNNING), update(FINISHED), STORED, STORED, ack(RUNNING)];
    expect(run(...acknowledging, RESEND)).toEqual([]);
    expect(run(...acknowledging, STORED)).toEqual([
      'acknowledged TASK_RUNNING',
      'forward TASK_FINISHED retry 10',
    ]);
  });

  test('ends when the terminal update is acknowledged durably, and not before (U3)', () => {
    const stream = new StatusUpdateStream();
    for (const input of [update(FINISHED), STORED, ack(FINISHED)]) stream.apply(input);
    expect(stream.ended).toBe(false);
    expect(stream.apply(STORED).map(brief)).toEqual(['acknowledged TASK_FINISHED, ended']);
    expect(stream.ended).toBe(true);
  });

  test.each([
    ['an update repeated before it is durable', [update(RUNNING), update(RUNNING)], []],
    [
      'an update repeated before its acknowledgement [89c5430] (U6)',
      [update(RUNNING), STORED, update(RUNNING)],
      ['accepted TASK_RUNNING'],
    ],
    [
      'an update repeated after its acknowledgement (U6)',
      [...delivered(RUNNING), update(RUNNING)],
      ['accepted TASK_RUNNING'],
    ],
    [
      'a repeated acknowledgement while a later update waits [2300450]',
      [...delivered(RUNNING), update(FINISHED), STORED, ack(RUNNING)],
      ['ignored repeated acknowledgement'],
    ],
    [
      'an acknowledgement with another UUID [7099cac] (U3)',
      [update(RUNNING), STORED, ack(FINISHED)],
      ['ignored unexpected acknowledgement'],
    ],
    [
      'an acknowledgement of what is not durable, and so was never sent',
      [update(RUNNING), ack(RUNNING)],
      ['ignored unexpected acknowledgement'],
    ],
    [
      'an acknowledgement out of order',
      [update(RUNNING), update(FINISHED), STORED, STORED, ack(FINISHED)],
      ['ignored unexpected acknowledgement'],
    ],
    ['an acknowledgement of nothing', [ack(RUNNING)], ['ignored unexpected acknowledgement']],
  ] as const)('is not changed by %s', (_case, inputs, effects) => {
    expect(run(...inputs)).toEqual(effects);
    const next = run(...inputs, update(STARTING));
    expect(next).toEqual(['checkpoint UPDATE']);
    const before = run(...inputs.slice(0, -1), RESEND);
    expect(run(...inputs, RESEND)).toEqual(before);
  });

  test('backs off: each retry doubles the wait, up to ten minutes (U7)', () => {
    const sent = [update(RUNNING), STORED];
    const retries = Array.from({ length: 8 }, (_, count) =>
      run(...sent, ...Array.from({ length: count + 1 }, () => RETRY)),
    );
    const waits = [20, 40, 80, 160, 320, 600, 600, 600];
    expect(retries).toEqual(waits.map((wait) => [`forward TASK_RUNNING retry ${wait}`]));
  });

  test('starts at ten seconds again for the next update, and when it is asked to resend (U7)', () => {
    const retried = [update(RUNNING), STORED, RETRY, RETRY];
    expect(run(...retried, RESEND)).toEqual(['forward TASK_RUNNING retry 10']);
    expect(run(...retried, update(FINISHED), STORED, ack(RUNNING), STORED)).toContain(
      `forward TASK_FINISHED retry ${RETRY_INTERVAL_MS_MIN / 1_000}`,
    );
  });

  test('forwards with the latest state that is durable [ce93a84]', () => {
    const stream = new StatusUpdateStream();
    const latest = (input: Input): (TaskState | undefined)[] =>
      stream.apply(input).flatMap((e) => (e.kind === 'forward' ? [e.update.latest_state] : []));
    stream.apply(update(STARTING));
    expect(latest(STORED)).toEqual(['TASK_STARTING']);
    stream.apply(update(FINISHED));
    expect(latest(RETRY)).toEqual(['TASK_STARTING']);
    latest(STORED);
    expect(latest(RETRY)).toEqual(['TASK_FINISHED']);
  });

  test('ignores an update without a UUID: nobody could acknowledge it', () => {
    const { uuid, ...withoutUuid } = RUNNING;
    expect(uuid).toBeDefined();
    expect(run(update(withoutUuid))).toEqual(['ignored update without uuid']);
  });

  test('recovered from its records goes on where it was (U1)', () => {
    const { uuid = new Uint8Array() } = STARTING;
    const stream = StatusUpdateStream.recover([
      { type: 'UPDATE', update: STARTING },
      { type: 'UPDATE', update: RUNNING },
      { type: 'ACK', uuid },
    ]);
    expect(stream.pendingCount).toBe(1);
    expect(stream.latestState).toBe('TASK_RUNNING');
    expect(stream.apply(RESEND).map(brief)).toEqual(['forward TASK_RUNNING retry 10']);
    expect(stream.apply(update(STARTING)).map(brief)).toEqual(['accepted TASK_STARTING']);
    expect(stream.apply(update(RUNNING)).map(brief)).toEqual(['accepted TASK_RUNNING']);
  });

  test('recovered from the records of a task that is over has ended', () => {
    const { uuid = new Uint8Array() } = FINISHED;
    const records = [
      { type: 'UPDATE', update: FINISHED },
      { type: 'ACK', uuid },
    ] as const;
    expect(StatusUpdateStream.recover(records).ended).toBe(true);
  });

  test('delivers any number of updates in order, however many wait (U2)', () => {
    const stream = new StatusUpdateStream();
    const count = 5_000;
    const updates = Array.from({ length: count }, (_, n) => updateOf('TASK_RUNNING', `u${n}`));
    for (const each of updates) stream.apply(update(each));
    const sent: string[] = [];
    const note = (effects: readonly Effect[]): void => {
      for (const each of effects)
        if (each.kind === 'forward') sent.push(new TextDecoder().decode(each.update.uuid));
    };
    for (let n = 0; n < count; n += 1) note(stream.apply(STORED));
    for (const each of updates) {
      stream.apply(ack(each));
      note(stream.apply(STORED));
    }
    expect(sent).toEqual(updates.map((_, n) => `u${n}`.padEnd(16, '.')));
    expect(stream.pendingCount).toBe(0);
  });
});
