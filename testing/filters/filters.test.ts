import { describe, expect, test } from '@jest/globals';
import {
  dispatch,
  delay,
  ProcessManager,
  ProtobufProcess,
  tell,
  type MessageType,
  type PID,
  type Request,
  type UPID,
} from '../../libprocess/index.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { Filters } from './filters.ts';

const Count: MessageType<number> = {
  fullName: 'test.Count',
  encode: (count) => Uint8Array.of(count),
  decode: (body) => {
    if (body.length !== 1) throw new RangeError('one byte');
    return body[0] ?? 0;
  },
};

class Counter extends ProtobufProcess {
  counted = 0;
  requests = 0;
  readonly exits: string[] = [];

  constructor(id = 'counter') {
    super(id);
    this.install(Count, (_from, count) => (this.counted += count));
    this.route('/count', () => {
      this.requests += 1;
      return { status: 200, headers: {}, body: new Uint8Array() };
    });
  }
  add(count: number): number {
    return (this.counted += count);
  }
  tellOf(to: UPID, count: number): void {
    this.send(to, Count, count);
  }
  say(to: UPID, name: string, body: Uint8Array): void {
    this.post(to, name, body);
  }
  watch(upid: UPID): void {
    this.link(upid);
  }
  protected override exited(upid: UPID): void {
    this.exits.push(upid.id);
  }
}

function stage(): {
  readonly sim: Simulation;
  readonly node: ProcessManager;
  readonly filters: Filters;
  readonly counter: Counter;
  readonly pid: PID<Counter>;
  readonly other: PID<Counter>;
} {
  const sim = new Simulation();
  const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
  const counter = new Counter();
  const pid = node.spawn(counter);
  const other = node.spawn(new Counter('other'));
  return { sim, node, filters: new Filters(node), counter, pid, other };
}

const request = (path: string): Request => ({
  method: 'GET',
  path,
  query: {},
  headers: {},
  body: new Uint8Array(),
  remoteAddress: '10.0.0.9:1',
});

describe('a filter for messages', () => {
  test('sees the first that fits, with its type, and lets it pass', async () => {
    const { sim, filters, counter, pid, other } = stage();
    const two = filters.futureMessage(Count, { from: other, to: pid, when: (n) => n > 1 });
    for (const count of [1, 2, 3]) tell(other, 'tellOf', pid, count);
    await sim.settle();
    expect(two.future.value).toBe(2);
    expect(await two).toBe(2);
    expect(counter.counted).toBe(6);
  });

  test('by name sees the bytes, whatever they are', async () => {
    const { sim, filters, pid, other } = stage();
    const named = filters.futureMessage('test.Count', { from: 'other' });
    const typed = filters.futureMessage(Count);
    tell(other, 'say', pid, 'test.Count', Uint8Array.of(7, 7));
    await sim.settle();
    expect(named.future.value.bytes).toEqual(Uint8Array.of(7, 7));
    expect(typed.future.isPending).toBe(true);
  });

  test('drops one, or all, or some, which can come late [bcf8828]', async () => {
    const { sim, node, filters, counter, pid, other } = stage();
    const one = filters.dropMessage(Count);
    tell(other, 'tellOf', pid, 1);
    tell(other, 'tellOf', pid, 2);
    await sim.settle();
    expect([one.future.value, counter.counted]).toEqual([1, 2]);
    const some = filters.dropMessages(Count, { count: 2 });
    for (const count of [10, 20, 40]) tell(other, 'tellOf', pid, count);
    await sim.settle();
    expect([some.bodies, counter.counted]).toEqual([[10, 20], 42]);
    some.release();
    await sim.settle();
    expect(counter.counted).toBe(72);
    expect(node.counters.undeliverableMessages).toBe(0);
  });

  test('of several, the newest that fits has it, and is gone after its one', async () => {
    const { sim, filters, counter, pid, other } = stage();
    using all = filters.dropMessages(Count);
    const first = filters.futureMessage(Count);
    const newest = filters.dropMessage(Count, { when: (n) => n === 1 });
    for (const count of [1, 2, 4]) tell(other, 'tellOf', pid, count);
    await sim.settle();
    expect([newest.future.value, first.future.value, all.bodies]).toEqual([1, 2, [4]]);
    expect(counter.counted).toBe(2);
  });

  test('is gone with its block', async () => {
    const { sim, filters, counter, pid, other } = stage();
    {
      using lost = filters.dropMessages(Count);
      tell(other, 'tellOf', pid, 1);
      await sim.settle();
      expect(lost.bodies).toEqual([1]);
    }
    tell(other, 'tellOf', pid, 2);
    await sim.settle();
    expect(counter.counted).toBe(2);
  });

  test('that nothing fits tells what came instead', async () => {
    const { sim, filters, pid, other } = stage();
    tell(other, 'tellOf', pid, 9);
    await sim.settle();
    const never = filters.futureMessage(Count, { from: pid, to: 'other' });
    tell(other, 'tellOf', pid, 1);
    tell(pid, 'add', 5);
    await sim.settle();
    never[Symbol.dispose]();
    await expect(never).rejects.toMatchObject({
      code: 'NEVER',
      message: [
        "There was no message 'test.Count' from counter@10.0.0.1:5050 to other. 3 other events came:",
        '  call tellOf(counter@10.0.0.1:5050, 1) of other@10.0.0.1:5050',
        '  call add(5) of counter@10.0.0.1:5050',
        "  message 'test.Count' from other@10.0.0.1:5050 to counter@10.0.0.1:5050",
      ].join('\n'),
    });
  });

  test('that expects none throws if one comes', async () => {
    const { sim, filters, pid, other } = stage();
    const none = filters.expectNoMessages(Count, { to: pid });
    tell(pid, 'tellOf', other, 1);
    await sim.settle();
    none.check();
    tell(other, 'tellOf', pid, 1);
    await sim.settle();
    expect(() => none.check()).toThrow(/no message 'test.Count' to counter@.*, and it came once/);
    expect(() => none[Symbol.dispose]()).toThrow(expect.objectContaining({ code: 'CAME' }));
  });

  test('whose own condition throws tells the test and not the sender', async () => {
    const { sim, node, filters, counter, pid, other } = stage();
    const when = (): boolean => {
      throw new RangeError('of the test');
    };
    const caught = filters.futureMessage(Count, { when });
    const lost = filters.dropMessages(Count, { when });
    tell(other, 'tellOf', pid, 1);
    tell(other, 'tellOf', pid, 1);
    await sim.settle();
    expect([counter.counted, node.counters.faults]).toEqual([2, 0]);
    expect(caught.future.error).toBeInstanceOf(RangeError);
    expect(() => lost[Symbol.dispose]()).toThrow('of the test');
  });
});

describe('a filter for calls', () => {
  test('sees those by dispatch, by tell and by delay, with their arguments [a987dfa]', async () => {
    const { sim, filters, counter, pid } = stage();
    const oldestFirst = [1, 2, 3].map(() => filters.futureDispatch(pid, 'add'));
    const calls = oldestFirst.reverse();
    const sum = dispatch(pid, 'add', 1);
    tell(pid, 'add', 2);
    delay(1_000, pid, 'add', 4);
    await sim.advance(999);
    expect(calls[2]?.future.isPending).toBe(true);
    await sim.advance(1);
    expect(calls.map(({ future }) => future.value)).toEqual([[1], [2], [4]]);
    expect([sum.value, counter.counted]).toEqual([1, 7]);
  });

  test('drops one, which is abandoned, or all, of a process or of a class', async () => {
    const { sim, filters, counter, pid, other } = stage();
    const dropped = filters.dropDispatch(pid, 'add', (count) => count > 1);
    const calls = [dispatch(pid, 'add', 1), dispatch(pid, 'add', 2), dispatch(pid, 'add', 4)];
    await sim.settle();
    expect(dropped.future.value).toEqual([2]);
    expect(calls.map(({ isAbandoned }) => isAbandoned)).toEqual([false, true, false]);
    using all = filters.dropDispatches(Counter, 'add');
    tell(pid, 'add', 8);
    tell(other, 'add', 8);
    await sim.settle();
    expect([all.all, counter.counted]).toEqual([[[8], [8]], 5]);
  });

  test('that expects none of a process hears of no other', async () => {
    const { sim, filters, pid, other } = stage();
    const none = filters.expectNoDispatches(pid, 'add');
    tell(other, 'add', 1);
    await sim.settle();
    none[Symbol.dispose]();
  });
});

describe('a filter for HTTP requests', () => {
  test('sees the one that it is for', async () => {
    const { sim, node, filters, counter } = stage();
    const seen = filters.futureHttpRequest({ to: 'counter', path: /count$/, method: 'GET' });
    const response = node.http(request('/counter/count'));
    await sim.settle();
    expect(seen.future.value.path).toBe('/counter/count');
    expect([response.value.status, counter.requests]).toEqual([200, 1]);
  });

  test('takes a pattern that remembers where it was for what it says', async () => {
    const { sim, node, filters } = stage();
    const path = /count$/g;
    for (let n = 0; n < 2; n += 1) {
      const seen = filters.futureHttpRequest({ path });
      node.http(request('/counter/count'));
      await sim.settle();
      expect(seen.future.isReady).toBe(true);
    }
  });

  test('drops it: it is answered with 503, and nobody has handled it', async () => {
    const { sim, node, filters, counter } = stage();
    const dropped = filters.dropHttpRequest({ path: '/counter/count' });
    const responses = [1, 2].map(() => node.http(request('/counter/count')));
    await sim.settle();
    expect(responses.map(({ value }) => value.status)).toEqual([503, 200]);
    expect([dropped.future.isReady, counter.requests]).toEqual([true, 1]);
  });
});

describe('a filter for exits', () => {
  test('sees who has ended, and who is told [1830a26]', async () => {
    const { sim, node, filters, counter, pid, other } = stage();
    const seen = filters.futureExited({ from: other, to: pid });
    tell(pid, 'watch', other);
    await sim.settle();
    node.terminate(other);
    await sim.settle();
    expect(seen.future.value.equals(other)).toBe(true);
    expect(counter.exits).toEqual(['other']);
  });

  test('drops one, which is never told [575a291]', async () => {
    const { sim, node, filters, counter, pid, other } = stage();
    const dropped = filters.dropExited({ to: pid });
    tell(pid, 'watch', other);
    await sim.settle();
    node.terminate(other);
    await sim.settle();
    expect(dropped.future.isReady).toBe(true);
    expect(counter.exits).toEqual([]);
  });
});

describe('filters', () => {
  test('hear of all that comes, unless they are taken away', async () => {
    const { sim, filters, pid } = stage();
    const heard: string[] = [];
    filters.listen(({ kind }, verdict) => heard.push(`${kind} ${verdict}`));
    filters.dropDispatch(pid, 'add');
    tell(pid, 'add', 1);
    await sim.settle();
    filters[Symbol.dispose]();
    tell(pid, 'add', 1);
    await sim.settle();
    expect(heard).toEqual(['dispatch drop']);
  });

  test('are in force for processes that come later, and end with them', async () => {
    const { sim, node, filters } = stage();
    using lost = filters.dropDispatches(Counter, 'add');
    const late = node.spawn(new Counter('late'));
    tell(late, 'add', 1);
    await sim.settle();
    expect(lost.all).toEqual([[1]]);
    node.terminate(late);
    await sim.settle();
    expect(dispatch(late, 'add', 1).isAbandoned).toBe(true);
    expect(lost.all).toHaveLength(1);
  });

  test('do not stand in the way of an end', async () => {
    const { sim, node, filters, pid } = stage();
    filters.listen(() => undefined);
    node.terminate(pid, { inject: false });
    await sim.settle();
    expect(node.has('counter')).toBe(false);
  });
});
