import { expect, test } from '@jest/globals';
import { Message } from '../message.ts';
import type { Connection } from '../network.ts';
import { Simulation } from '../sim/index.ts';
import { UPID } from '../upid.ts';
import { zeroCounters } from './counters.ts';
import { FramedLink } from './framed-link.ts';
import { BATCHED_BODY_BYTES_MAX, MESSAGE_BYTES_MAX, QUEUED_BYTES_MAX } from './limits.ts';

const [HERE, THERE] = ['10.0.0.1:5050', '10.0.0.2:5051'];
const nothing = (): undefined => undefined;

/** A link to a peer that reads nothing, or everything. */
function world({ reads }: { readonly reads: boolean }) {
  const broken: string[] = [];
  const sent: number[] = [];
  const connection: Connection = {
    remoteAddress: THERE,
    bufferedBytes: reads ? 0 : Infinity,
    send: (frame) => sent.push(frame.length),
    ping: nothing,
    pause: nothing,
    resume: nothing,
    close: nothing,
    terminate: nothing,
  };
  const counters = zeroCounters();
  const link = new FramedLink({
    connection,
    local: HERE,
    remote: THERE,
    clock: new Simulation().node().runtime.clock,
    counters,
    owner: {
      onArrival: nothing,
      onDirty: nothing,
      onBroken: (reason) => broken.push(reason),
      onPong: nothing,
      onMessage: nothing,
      onLink: nothing,
      onEnded: nothing,
    },
  });
  return { link, broken, sent, counters };
}

const largest = new Uint8Array(MESSAGE_BYTES_MAX);
const message = (length: number): Message =>
  Message.ofBytes(
    { name: 'n', from: new UPID('f', HERE), to: new UPID('t', THERE) },
    largest.subarray(0, length),
  );

test('64 MiB may wait for a peer that does not read; a byte more breaks the link', () => {
  const long = 1_500_000; // And the last below 2 MiB: the lengths of both take three bytes.
  const measured = world({ reads: true });
  for (let n = 0; n < 2; n += 1) measured.link.send(message(long));
  const [first = 0, further = 0] = measured.sent.slice(-2);
  // All but the last: what is left must be long enough to be a frame of its own.
  const before = Math.floor((QUEUED_BYTES_MAX - BATCHED_BODY_BYTES_MAX - first) / further);
  const texts = measured.sent.slice(0, -2).reduce((sum, length) => sum + length, 0);
  const left = QUEUED_BYTES_MAX - texts - first - before * further;
  for (const [more, breaks] of [
    [0, false],
    [1, true],
  ] as const) {
    const { link, broken, counters } = world({ reads: false });
    for (let n = 0; n <= before; n += 1) link.send(message(long));
    expect(broken).toEqual([]);
    link.send(message(left - (further - long) + more));
    expect(broken).toEqual(breaks ? ['more waits to be sent than the limit'] : []);
    expect(counters.overflows).toBe(breaks ? 1 : 0);
    link.terminate();
  }
});
