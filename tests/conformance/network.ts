import { describe, expect, test } from '@jest/globals';
import { NetworkError } from '../../libprocess/errors.ts';
import type { Connection, DialOutcome } from '../../libprocess/network.ts';
import { describeHttpConnection } from './http/connection.ts';
import { describeBytes } from './network-bytes.ts';
import { describeFraming } from './http/framing.ts';
import { describeHttp } from './network-http.ts';
import { describeLimits } from './http/limits.ts';
import { on, type OpenNetworks } from './network-stage.ts';
import { bytes, rejection } from './subject.ts';

/** The contract of `Network`, between two nodes. */
export function describeNetwork(name: string, open: OpenNetworks): void {
  describe(`${name} is a Network`, () => {
    describeListen(open);
    describeDial(open);
    describeConnection(open);
    describeBackpressure(open);
    describeHttp(open);
    describeLimits(open);
    describeBytes(open);
    describeFraming(open);
    describeHttpConnection(open);
  });
}

function describeListen(open: OpenNetworks): void {
  test(
    'port 0 is any free port, and the listener says which',
    on(open, async (stage) => {
      await using one = await stage.listen({});
      await using two = await stage.listen({});
      expect(one.port).toBeGreaterThan(0);
      expect(two.port).not.toBe(one.port);
      expect(one.ip).toBe(stage.world.serverIp);
    }),
  );

  test(
    'a port is taken once, until its listener is disposed',
    on(open, async (stage) => {
      await using listener = await stage.listen({});
      const taken = await rejection(stage.listen({}, listener.port));
      expect(taken).toBeInstanceOf(NetworkError);
      expect(taken).toMatchObject({ code: 'EADDRINUSE' });
    }),
  );

  test(
    'a disposed listener frees its port and answers nobody',
    on(open, async (stage) => {
      const listener = await stage.listen({});
      const { port } = listener;
      await listener[Symbol.asyncDispose]();
      expect(await stage.dial(stage.addressOf(port))).toMatchObject({ kind: 'failed' });
      await using again = await stage.listen({}, port);
      expect(again.port).toBe(port);
    }),
  );

  test(
    'an address that is not of this machine cannot be listened on',
    on(open, async (stage) => {
      const { server } = stage.world;
      const acceptor = stage.acceptor({});
      const failed = await rejection(server.listen({ ip: '192.0.2.1', port: 0 }, acceptor));
      expect(failed).toMatchObject({ code: 'EADDRNOTAVAIL' });
    }),
  );
}

function describeDial(open: OpenNetworks): void {
  test(
    'an accepted dial carries path and headers there and headers back',
    on(open, async (stage) => {
      const pair = await stage.pair({ headers: { 'libprocess-from': 'a@b' } });
      expect(pair.request).toMatchObject({ path: '/link' });
      expect(pair.request.headers['libprocess-from']).toBe('a@b');
      expect(pair.headers['libprocess-incarnation']).toBe('42');
      expect(pair.request.remoteAddress).toMatch(/^[\d.]+:\d+$/);
      expect(pair.client.remoteAddress).toBe(pair.address);
      expect(pair.server.remoteAddress).toBe(pair.request.remoteAddress);
    }),
  );

  test(
    'a refused dial tells the status and the headers of the refusal',
    on(open, async (stage) => {
      const headers = { 'libprocess-incarnation': '7' };
      await using listener = await stage.listen({
        upgrade: () => ({ accept: false, status: 409, headers }),
      });
      const outcome = await stage.dial(stage.addressOf(listener.port));
      expect(outcome).toMatchObject({ kind: 'refused', status: 409 });
      expect(outcome.kind === 'refused' && outcome.headers).toMatchObject(headers);
    }),
  );

  test(
    'a dial to nobody fails, but not within the call',
    on(open, async (stage) => {
      const listener = await stage.listen({});
      const address = stage.addressOf(listener.port);
      await listener[Symbol.asyncDispose]();
      const outcomes: DialOutcome[] = [];
      const options = { address, path: '/', headers: {}, timeoutMs: 5_000 };
      stage.world.client.dial(options, (outcome) => {
        outcomes.push(outcome);
        return undefined;
      });
      expect(outcomes).toEqual([]);
      await stage.until(() => outcomes.length > 0);
      const error = expect.objectContaining({ code: 'ECONNREFUSED' });
      expect(outcomes).toEqual([{ kind: 'failed', error }]);
    }),
  );

  test(
    'a dial that was given up is not heard of again',
    on(open, async (stage) => {
      await using listener = await stage.listen({});
      const address = stage.addressOf(listener.port);
      let decided = false;
      const dial = stage.world.client.dial(
        { address, path: '/', headers: {}, timeoutMs: 1_000 },
        () => {
          decided = true;
          return undefined;
        },
      );
      dial[Symbol.dispose]();
      dial[Symbol.dispose]();
      await stage.dial(address);
      expect(decided).toBe(false);
    }),
  );
}

function describeConnection(open: OpenNetworks): void {
  test(
    'frames arrive whole and in order, in both directions, from the first turn on',
    on(open, async (stage) => {
      const pair = await stage.pair({ greet: ['welcome', 'friend'] });
      const sent = Array.from({ length: 200 }, (_, i) => `frame ${i}`);
      for (const frame of sent) pair.client.send(bytes(frame));
      pair.client.send(new Uint8Array(0));
      await stage.until(() => pair.heard.server.length === 201 && pair.heard.client.length === 2);
      expect(pair.heard.client).toEqual(['welcome', 'friend']);
      expect(pair.heard.server).toEqual([...sent, '']);
    }),
  );

  test(
    'a frame of a mebibyte arrives byte for byte',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      const large = Uint8Array.from({ length: 1_024 ** 2 }, (_, i) => (i * 7) & 0xff);
      pair.server.send(large);
      await stage.until(() => pair.frames.client.length === 1);
      expect(Buffer.compare(pair.frames.client[0] ?? new Uint8Array(0), large)).toBe(0);
    }),
  );

  test(
    'it is told when each frame has left',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      const left: number[] = [];
      for (const frame of [1, 2, 3]) pair.client.send(bytes('x'), () => left.push(frame));
      expect(left).toEqual([]);
      await stage.until(() => left.length === 3);
      expect(left).toEqual([1, 2, 3]);
    }),
  );

  test(
    'a ping is answered by the other node',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      pair.client.ping();
      await stage.until(() => pair.heard.client.includes('<pong>'));
      expect(pair.heard.server).toEqual([]);
    }),
  );

  test(
    'closing lets what was sent arrive, and both ends hear of the end once, last',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      for (const frame of ['a', 'b', 'c']) pair.client.send(bytes(frame));
      pair.client.close();
      pair.client.send(bytes('too late'));
      await stage.until(() => pair.ends.server === 1 && pair.ends.client === 1);
      pair.client.close();
      pair.server.terminate();
      await stage.pause();
      expect(pair.heard).toEqual({ client: ['<closed>'], server: ['a', 'b', 'c', '<closed>'] });
    }),
  );

  test(
    'terminating ends both, and neither hears anything after its end',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      const before = pair.heard.client.length;
      pair.client.terminate();
      expect(pair.heard.client).toHaveLength(before);
      pair.server.send(bytes('nobody reads this'));
      await stage.until(() => pair.ends.server === 1 && pair.ends.client === 1);
      pair.client.send(bytes('ignored'));
      pair.client.ping();
      await stage.pause();
      expect(pair.heard).toEqual({ client: ['<closed>'], server: ['<closed>'] });
    }),
  );
}

function describeBackpressure(open: OpenNetworks): void {
  test(
    'a reader that pauses holds the sender back, and loses nothing',
    on(open, async (stage) => {
      const pair = await stage.pair({});
      pair.server.pause();
      const frame = new Uint8Array(1_024 ** 2);
      for (let i = 0; i < FRAMES; i += 1) pair.client.send(frame);
      await stage.pause();
      expect(pair.frames.server.length).toBeLessThan(2);
      expect(bufferedBytes(pair.client)).toBeGreaterThan(1_024 ** 2);
      pair.server.resume();
      await stage.until(() => pair.frames.server.length === FRAMES);
      await stage.until(() => bufferedBytes(pair.client) === 0);
    }),
  );
}

/** More mebibytes than the buffers of both kernels hold. */
const FRAMES = 32;

const bufferedBytes = (connection: Connection): number => connection.bufferedBytes;
