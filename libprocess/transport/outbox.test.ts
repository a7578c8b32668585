import { expect, test } from '@jest/globals';
import { Message } from '../message.ts';
import { UPID } from '../upid.ts';
import { OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX } from './limits.ts';
import { Outbox } from './outbox.ts';

const [from, to] = [new UPID('f', '10.0.0.1:5050'), new UPID('to', '10.0.0.2:5050')];
const message = (body: Uint8Array): Message => Message.ofBytes({ name: 'n', from, to }, body);

test('what waits for a connection may be 64 MiB, and not a byte more', () => {
  const quarter = new Uint8Array(OUTBOX_BYTES_MAX / 4); // One buffer for all: it is only counted.
  const outbox = new Outbox();
  for (let part = 0; part < 3; part += 1) expect(outbox.push(message(quarter))).toBe(true);
  const ids = 4 * (from.id.length + to.id.length);
  expect(outbox.push(message(quarter.subarray(ids)))).toBe(true);
  expect(outbox.take()).toHaveLength(4);
  for (let part = 0; part < 3; part += 1) expect(outbox.push(message(quarter))).toBe(true);
  expect(outbox.push(message(quarter.subarray(ids - 1)))).toBe(false);
});

test('what waits for a connection may be so many messages, and not one more', () => {
  const outbox = new Outbox();
  const empty = message(new Uint8Array(0));
  for (let n = 1; n < OUTBOX_MESSAGES_MAX; n += 1) outbox.push(empty);
  expect(outbox.push(empty)).toBe(true);
  expect(outbox.push(empty)).toBe(false);
});
