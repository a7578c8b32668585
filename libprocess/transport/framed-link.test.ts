import { describe, expect, test } from '@jest/globals';
import { SILENT_LOGGER } from '../logger.ts';
import { Message } from '../message.ts';
import type { Connection } from '../network.ts';
import { Simulation } from '../sim/index.ts';
import { UPID } from '../upid.ts';
import { zeroCounters } from './counters.ts';
import { FramedLink } from './framed-link.ts';
import {
  BATCHED_BODY_BYTES_MAX,
  INBOUND_BYTES_HIGH,
  MESSAGE_BYTES_MAX,
  PING_INTERVAL_MS,
  QUEUED_BYTES_MAX,
  SILENT_INTERVALS_MAX,
  UNFINISHED_GROWTH_BYTES_MIN,
} from './limits.ts';

const [HERE, THERE] = ['10.0.0.1:5050', '10.0.0.2:5051'];
const nothing = (): undefined => undefined;

/** A link to a peer that reads nothing, or everything. */
function world({ reads }: { readonly reads: boolean }) {
  const broken: string[] = [];
  const sent: number[] = [];
  const sim = new Simulation();
  const connection: Connection & { unfinishedBytes: number } = {
    unfinishedBytes: 0,
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
    clock: sim.node().runtime.clock,
    logger: SILENT_LOGGER,
    counters,
    owner: {
      onArrival: (event) => event(),
      onDirty: nothing,
      onBroken: (reason) => broken.push(reason),
      onPong: nothing,
      onMessage: nothing,
      onLink: nothing,
      onEnded: nothing,
    },
  });
  return { link, broken, sent, counters, connection, sim };
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

describe('a frame that has begun to arrive', () => {
  const cutOff = ['the peer does not finish a frame'];
  /** Looks `times` at a link on which so many bytes come between two looks, and the pongs that it asks for. */
  async function looks(times: number, growth: number) {
    const it = world({ reads: true });
    for (let n = 0; n < times; n += 1) {
      it.connection.unfinishedBytes += growth;
      it.link.onPong();
      await it.sim.advance(PING_INTERVAL_MS);
    }
    return it;
  }

  test.each([0, 1, UNFINISHED_GROWTH_BYTES_MIN - 1])(
    'breaks its link if it grows by %i bytes from look to look, whatever else the peer says',
    async (growth) => {
      // The first look is due when the frame may just have begun.
      const before = await looks(SILENT_INTERVALS_MAX, growth || 1);
      expect(before.broken).toEqual([]);
      const { broken, counters, connection, sim, link } = before;
      connection.unfinishedBytes += growth;
      link.onPong();
      await sim.advance(PING_INTERVAL_MS);
      expect([broken, counters.unfinishedFrames]).toEqual([cutOff, 1]);
    },
  );

  test('may take its time if it grows: its bytes are a sign of life', async () => {
    const { broken, connection, sim } = world({ reads: true });
    for (let n = 0; n < 64; n += 1) {
      connection.unfinishedBytes += UNFINISHED_GROWTH_BYTES_MIN;
      await sim.advance(PING_INTERVAL_MS);
    }
    expect(broken).toEqual([]);
  });

  test('is not held against a peer whose frames become whole, however small what is left', async () => {
    const { broken, link, connection, sim } = world({ reads: true });
    for (let n = 0; n < 10; n += 1) {
      connection.unfinishedBytes = 1;
      link.onFrame(new Uint8Array(0));
      await sim.advance(PING_INTERVAL_MS);
    }
    expect(broken).toEqual([]);
  });

  test('is not held against a peer that is held back', async () => {
    const { broken, link, connection, sim } = world({ reads: true });
    connection.unfinishedBytes = 1;
    const held = Message.ofBytes(
      { name: 'n', from: new UPID('f', THERE), to: new UPID('t', HERE) },
      new Uint8Array(INBOUND_BYTES_HIGH + 1),
    );
    link.onMessage(held);
    await sim.advance(10 * PING_INTERVAL_MS);
    link.handled(held);
    await sim.advance((SILENT_INTERVALS_MAX - 1) * PING_INTERVAL_MS);
    expect(broken).toEqual([]);
    await sim.advance(2 * PING_INTERVAL_MS);
    expect(broken).toHaveLength(1);
  });
});
