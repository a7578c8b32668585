import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { Counter, counter } from '../../../examples/counter.ts';
import {
  call,
  callUntyped,
  cast,
  FuturePromise,
  protocol,
  remote,
  RemoteCallError,
  RemoteProcess,
  RuntimeError,
  shape,
  startNode,
  UPID,
  type ExitReason,
  type Future,
  type ProcessManager,
  type Server,
} from '../../../libprocess/index.ts';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';
import { PingSlaveMessage, PongSlaveMessage } from '../../../proto/index.ts';

const Kv = protocol('kv', {
  get: call(z.object({ key: z.string() }), z.string().nullable()),
  put: cast(z.object({ key: z.string(), value: z.string().max(10) })),
  count: call(z.undefined(), z.number(), { timeout: '1s' }),
  later: call(z.object({ within: z.number().default(3) }), z.number()),
  slowly: call(
    z.number().refine((given) => Promise.resolve(given > 0)),
    z.number(),
  ),
  ping: call(PingSlaveMessage, PongSlaveMessage),
});

class KvProcess extends RemoteProcess implements Server<typeof Kv> {
  readonly values = new Map<string, string>();
  readonly pending = new FuturePromise<number>();
  secrets = 0;

  constructor(id = 'kv') {
    super(id);
    this.serve(Kv, this);
  }
  get({ key }: { key: string }): string | null {
    assert(key !== 'broken', 'the key is whole');
    if (key === 'trap') throw new RuntimeError('TRAPPED', 'Failed to get out');
    if (key === 'wrong') return 7 as unknown as string;
    if (key === 'unsendable') return { when: new Date(0) } as unknown as string;
    return this.values.get(key) ?? null;
  }
  put({ key, value }: { key: string; value: string }): void {
    assert(key !== 'broken', 'the key is whole');
    this.values.set(key, value);
  }
  count(): Future<number> {
    return this.pending.future;
  }
  later({ within }: { within: number }): number {
    return within;
  }
  slowly(given: number): Promise<number> {
    return Promise.resolve(given * 2);
  }
  ping({ connected }: PingSlaveMessage): PongSlaveMessage {
    return connected ? {} : {};
  }
  secret(): void {
    this.secrets += 1;
  }
}

async function boot(sim: Simulation): Promise<{ os: SimNode; node: ProcessManager }> {
  const os = sim.node();
  const { onFatal: _, ...runtime } = os.runtime; // As real nodes: one that is simulated would end the test.
  return { os, node: await sim.complete(startNode({ runtime, ip: os.machine.ip, port: 5050 })) };
}

async function pair() {
  const sim = new Simulation();
  const there = await boot(sim);
  const { node: here } = await boot(sim);
  const server = new KvProcess();
  const pid = there.node.spawn(server);
  const to = new UPID(pid.id, pid.address);
  return { sim, here, there, server, to, kv: remote(here, Kv, to) };
}

/** Ids of processes that no node has from its start. */
const spawned = (node: ProcessManager): string[] =>
  [...node.processes()].map(({ pid }) => pid.id).filter((id) => /call|kv|req/.test(id));

describe('a call of a process on another node', () => {
  test('runs the method there and brings its result, in order', async () => {
    const { sim, here, there } = await pair();
    const { id, address } = there.node.spawn(new Counter());
    const client = remote(here, counter, `${id}@${address}`);
    const calls = [client.increment(1), client.increment(2), client.value()];
    expect(await sim.complete(Promise.all(calls))).toEqual([1, 3, 3]);
  });

  test('is checked against any schema, which may convert, and may take its time', async () => {
    const { sim, kv } = await pair();
    kv.put({ key: 'a', value: 'b' });
    const calls = [kv.get({ key: 'a' }), kv.get({ key: 'b' }), kv.later({}), kv.slowly(4)];
    expect(await sim.complete(Promise.all(calls))).toEqual(['b', null, 3, 8]);
    await expect(sim.complete(kv.slowly(-1))).rejects.toMatchObject({ code: 'BAD_ARGUMENTS' });
  });

  test('carries wire messages in their own bytes', async () => {
    const { sim, here, kv, to } = await pair();
    expect(await sim.complete(kv.ping({ connected: true }))).toEqual({});
    for (const args of ['text', undefined, Uint8Array.of(255)]) {
      const wrong = callUntyped(here, { to, method: 'kv.ping', args, timeout: '1s' });
      await expect(sim.complete(wrong)).rejects.toMatchObject({ code: 'BAD_ARGUMENTS' });
    }
  });

  test('of its own node goes the same way', async () => {
    const { sim, there, to } = await pair();
    const kv = remote(there.node, Kv, to);
    kv.put({ key: 'a', value: 'b' });
    expect(await sim.complete(kv.get({ key: 'a' }))).toBe('b');
    const nobody = remote(there.node, Kv, new UPID('nobody', to.address));
    await expect(sim.complete(nobody.count())).rejects.toMatchObject({ code: 'NO_SUCH_PROCESS' });
  });

  test.each([
    ['a method that is not served', 'kv.finalize', undefined, 'NO_SUCH_METHOD'],
    ['a public method that is not in the protocol', 'secret', undefined, 'NO_SUCH_METHOD'],
    ['what every object has', 'constructor', undefined, 'NO_SUCH_METHOD'],
    ['a method of another protocol', 'vk.get', { key: 'a' }, 'NO_SUCH_METHOD'],
    ['a cast that is called', 'kv.put', { key: 'a', value: 'b' }, 'NO_SUCH_METHOD'],
    ['arguments of another type', 'kv.get', { key: 1 }, 'BAD_ARGUMENTS'],
    ['no arguments', 'get', undefined, 'BAD_ARGUMENTS'],
    ['a handler that throws', 'get', { key: 'trap' }, 'HANDLER_THREW'],
    ['a handler that returns something else', 'get', { key: 'wrong' }, 'BAD_RESULT'],
    ['a result that cannot be sent', 'get', { key: 'unsendable' }, 'BAD_RESULT'],
  ])('with %s fails and says so', async (...[, method, args, code]) => {
    const { sim, here, to, server } = await pair();
    const failing = callUntyped(here, { to, method, args, timeout: '5s' });
    await expect(sim.complete(failing)).rejects.toMatchObject({ code });
    expect([server.secrets, await sim.complete(remote(here, Kv, to).later({}))]).toEqual([0, 3]);
  });

  test('is refused where it is made if its arguments do not fit', async () => {
    const { sim, here, kv, to } = await pair();
    const sent: string[] = [];
    const { send } = here;
    here.send = (message) => {
      sent.push(message.name);
      send.call(here, message);
    };
    await expect(sim.complete(kv.get({ key: 1 as unknown as string }))).rejects.toMatchObject({
      code: 'BAD_ARGUMENTS',
      message: `Failed to call 'kv.get' of '${to.toString()}': at 'key': Invalid input: expected string, received number`,
    });
    expect(() => {
      kv.put({ key: 'a', value: 'longer than ten' });
    }).toThrow(RemoteCallError);
    const self: unknown[] = [];
    self.push(self);
    for (const args of [self, new Date(0), 2n ** 70n]) {
      const call = callUntyped(here, { to, method: 'kv.get', args, timeout: '1s' });
      await expect(sim.complete(call)).rejects.toMatchObject({ code: 'BAD_ARGUMENTS' });
    }
    expect(sent).toEqual([]);
  });

  test.each(['call', 'cast'])(
    'that breaks an invariant there ends its process, as a %s does, and never the node',
    async (kind) => {
      const { sim, there, kv, to } = await pair();
      if (kind === 'call') {
        await expect(sim.complete(kv.get({ key: 'broken' }))).rejects.toMatchObject({
          code: 'HANDLER_THREW',
          message: expect.stringContaining('the key is whole') as unknown,
        });
      } else {
        kv.put({ key: 'broken', value: 'a' });
      }
      await expect(sim.complete(kv.get({ key: 'a' }))).rejects.toMatchObject({
        code: 'NO_SUCH_PROCESS',
      });
      expect([there.node.has(to.id), there.node.counters.faults]).toEqual([false, 1]);
    },
  );

  test('brings the message and the code of what was thrown there', async () => {
    const { sim, kv, to } = await pair();
    await expect(sim.complete(kv.get({ key: 'trap' }))).rejects.toMatchObject({
      code: 'HANDLER_THREW',
      message: `Failed to call 'kv.get' of '${to.toString()}': Failed to get out`,
      thrown: { code: 'TRAPPED', message: 'Failed to get out' },
    });
  });

  test('of a process that does not exist, or ends, fails at once', async () => {
    const { sim, here, there, kv, to } = await pair();
    const nobody = remote(here, Kv, new UPID('nobody', to.address));
    await expect(sim.complete(nobody.count(), 100)).rejects.toMatchObject({
      code: 'NO_SUCH_PROCESS',
    });
    const waiting = kv.count();
    await sim.advance(10);
    there.node.terminate(to);
    await expect(sim.complete(waiting, 100)).rejects.toMatchObject({ code: 'NO_SUCH_PROCESS' });
    there.node.spawn(new KvProcess());
    expect(await sim.complete(kv.later({}))).toBe(3);
  });

  test.each([
    ['another node', 'here'],
    ['the same node', 'there'],
  ])('of %s that finds a full mailbox fails at once, by a code of its own', async (_, from) => {
    const { sim, here, there } = await pair();
    const server = new KvProcess('small');
    const pid = there.node.spawn(server, { mailboxLimit: 2 });
    const caller = from === 'here' ? here : there.node;
    const kv = remote(caller, Kv, pid.toString());
    await sim.complete(kv.get({ key: 'a' })); // Connected: what follows arrives in one frame.
    kv.put({ key: 'a', value: 'b' });
    const calls = [kv.get({ key: 'a' }), kv.get({ key: 'a' }), kv.later({})];
    kv.put({ key: 'a', value: 'lost' });
    await sim.advance(50);
    expect(calls.map(({ state }) => state)).toEqual(['ready', 'failed', 'failed']);
    for (const call of calls.slice(1)) {
      expect(call.error).toBeInstanceOf(RemoteCallError);
      expect(call.error).toMatchObject({
        code: 'MAILBOX_FULL',
        message: expect.stringContaining("the mailbox of 'small' is full") as unknown,
      });
    }
    expect([there.node.counters.refusedEvents, server.values.get('a')]).toEqual([3, 'b']);
    expect(await sim.complete(kv.get({ key: 'a' }))).toBe('b');
  });

  test('of a node that is not there, or dies, fails as soon as that is known', async () => {
    const { sim, here, there, kv } = await pair();
    const nowhere = remote(here, Kv, `kv@${there.os.machine.ip}:6000`);
    await expect(sim.complete(nowhere.count(), 100)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const waiting = kv.count();
    await sim.advance(10);
    sim.kill(there.os);
    await expect(sim.complete(waiting, 100)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test.each<[string, Parameters<ReturnType<typeof remote<typeof Kv>>['count']>, number]>([
    ['of its protocol', [], 1_000],
    ['that its caller says', [undefined, { timeout: '300ms' }], 300],
  ])('over a partition fails at the deadline %s, not later', async (_, limits, ms) => {
    const { sim, there, kv } = await pair();
    sim.network.isolate(there.os.machine.ip);
    const waiting = kv.count(...limits);
    await sim.advance(ms - 1);
    expect(waiting.isPending).toBe(true);
    await sim.advance(1);
    expect(waiting.error).toMatchObject({ code: 'TIMED_OUT' });
  });

  test('has five seconds if nobody says otherwise, and never for ever', async () => {
    const { sim, there, kv } = await pair();
    sim.network.isolate(there.os.machine.ip);
    const waiting = kv.get({ key: 'a' });
    const endless = [NaN, Infinity].map((timeout) => kv.get({ key: 'a' }, { timeout }).error);
    for (const error of endless) expect(error).toMatchObject({ code: 'INVALID_DURATION' });
    await sim.advance(4_999);
    expect(waiting.isPending).toBe(true);
    await sim.advance(1);
    expect(waiting.error).toMatchObject({ code: 'TIMED_OUT' });
  });

  test('that is given up asks the other side to give up, and hears nothing more', async () => {
    const { sim, here, server, kv } = await pair();
    const waiting = kv.count();
    await sim.advance(10);
    expect(server.pending.future.hasDiscard).toBe(false);
    waiting.discard();
    await sim.advance(10);
    expect([waiting.isDiscarded, server.pending.future.hasDiscard]).toEqual([true, true]);
    server.pending.set(1);
    await sim.advance(10);
    expect(here.counters.unknownMessages).toBe(0);
  });

  test('ends with a signal, with its reason, and keeps none of it', async () => {
    const { sim, server, kv } = await pair();
    const controller = new AbortController();
    const { signal } = controller;
    const done = kv.later({}, { signal });
    expect(await sim.complete(done)).toBe(3);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const waiting = kv.count(undefined, { signal });
    await sim.advance(10);
    controller.abort(new RangeError('enough'));
    await sim.advance(10);
    expect([waiting.error, server.pending.future.hasDiscard]).toEqual([
      new RangeError('enough'),
      true,
    ]);
    expect(kv.later({}, { signal }).error).toEqual(new RangeError('enough'));
  });

  test('whose caller dies is given up', async () => {
    const sim = new Simulation();
    const there = await boot(sim);
    const caller = await boot(sim);
    const server = new KvProcess();
    const pid = there.node.spawn(server);
    void remote(caller.node, Kv, pid.toString()).count(undefined, { timeout: '1hrs' });
    await sim.advance(10);
    sim.kill(caller.os);
    await sim.advance(60_000);
    expect(server.pending.future.hasDiscard).toBe(true);
  });

  test('hides no end of a caller from a process that has linked it by itself', async () => {
    const sim = new Simulation();
    const there = await boot(sim);
    const caller = await boot(sim);
    const ends: string[] = [];
    class Follower extends KvProcess {
      override get({ key }: { key: string }, from?: UPID): string | null {
        if (from) this.link(from);
        return super.get({ key });
      }
      protected override exited({ id }: UPID, reason: ExitReason): void {
        ends.push(`${id} ${reason}`);
      }
    }
    const pid = there.node.spawn(new Follower());
    const kv = remote(caller.node, Kv, pid.toString());
    void kv.count(undefined, { timeout: '1hrs' });
    await sim.complete(kv.get({ key: 'a' }));
    sim.kill(caller.os);
    await sim.advance(60_000);
    expect(ends).toEqual(['__calls__ lost']);
  });

  test('leaves nothing behind, however it ends', async () => {
    const { sim, here, there, kv } = await pair();
    const ends = [kv.count(), kv.get({ key: 'trap' }), kv.later({}), kv.count(undefined, {})];
    ends[3]?.discard();
    await sim.advance(2_000);
    expect(ends.map(({ isPending }) => isPending)).toEqual([false, false, false, false]);
    expect([spawned(here), spawned(there.node)]).toEqual([['__calls__'], ['kv']]);
    expect(sim.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('under way when its node closes is abandoned, and later ones fail', async () => {
    const { sim, here, kv } = await pair();
    const waiting = kv.count();
    await sim.complete(here[Symbol.asyncDispose]());
    await expect(waiting).rejects.toThrow("its call of 'kv.count' of 'kv@");
    expect(kv.later({}).error).toMatchObject({ name: 'RemoteCallError', code: 'NODE_CLOSED' });
  });
});

describe('a cast', () => {
  test('that does not fit there is dropped and counted; its process goes on', async () => {
    const { sim, there, server, here, to } = await pair();
    const Loose = protocol('kv', { put: cast(z.any()), get: cast(z.any()) });
    const kv = remote(here, Loose, to);
    kv.put({ key: 'a', value: 'longer than ten' });
    kv.get({ key: 'a' });
    kv.put({ key: 'a', value: 'b' });
    await sim.advance(10);
    const { malformedMessages, unknownMessages } = there.node.counters;
    expect([[...server.values], malformedMessages, unknownMessages]).toEqual([[['a', 'b']], 1, 1]);
  });
});

describe('a cast whose check takes time', () => {
  test('leaves a line if it is not sent, for nobody waits for it', async () => {
    const { sim, here, to } = await pair();
    const schema = z.number().refine((given) => Promise.resolve(given > 0));
    remote(here, protocol('kv', { put: cast(schema) }), to).put(-1);
    await sim.advance(10);
    expect(here.counters.unobservedFailures).toBe(1);
    expect(sim.logs.map(({ fields }) => fields['error'])).toMatchObject([
      { code: 'BAD_ARGUMENTS' },
    ]);
  });
});

describe('a protocol', () => {
  test('has a name, and no method that would make its clients awaitable', () => {
    expect(() => protocol('', {})).toThrow('A protocol has a name');
    expect(() => protocol('a', { then: cast(shape.nothing) })).toThrow("cannot be called 'then'");
  });

  test('is not asked of an address that is none', async () => {
    const { here } = await pair();
    expect(() => remote(here, Kv, 'kv')).toThrow("Invalid address 'kv': expecting ID@IP:PORT");
  });
});
