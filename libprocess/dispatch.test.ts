import { getEventListeners } from 'node:events';
import { describe, expect, jest, test } from '@jest/globals';
import {
  call,
  defer,
  delay,
  dispatch,
  Executor,
  FuturePromise,
  Process,
  ProcessManager,
  protocol,
  ref,
  remote,
  RemoteProcess,
  shape,
  tell,
  type Duration,
  type Future,
  type UPID,
} from './index.ts';
import { Simulation } from './sim/index.ts';

class Counter extends Process {
  count = 0;
  readonly answer = new FuturePromise<number>();

  add(by: number, times = 1): number {
    return (this.count += by * times);
  }
  wait(): Future<number> {
    return this.answer.future;
  }
  explode(): number {
    throw new RangeError('no');
  }
  addLater(duration: Duration): void {
    this.delay(duration, () => (this.count += 1));
  }
}

const world = () => {
  const sim = new Simulation();
  const { runtime } = sim.node();
  const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
  const counter = new Counter('counter');
  return { sim, node, counter, pid: node.spawn(counter) };
};

describe('a delayed call', () => {
  test.each<[Duration, number]>([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5mins', 90_000],
    [30, 30],
  ])('comes after %s, and not before', async (duration, ms) => {
    const { sim, counter, pid } = world();
    delay(duration, pid, 'add', 1);
    void dispatch(pid, 'addLater', duration);
    await sim.advance(ms - 1);
    expect(counter.count).toBe(0);
    await sim.advance(1);
    expect(counter.count).toBe(2);
  });

  test('ends with the scope that holds it', async () => {
    const { sim, counter, pid } = world();
    {
      using cancelled = delay('1s', pid, 'add', 1);
      expect(cancelled).toBeDefined();
    }
    await sim.advance(2_000);
    expect(counter.count).toBe(0);
  });

  test('ends with its process, or its node, and keeps nothing waiting', async () => {
    const { sim, node, counter, pid } = world();
    const { clock } = node.runtime;
    const timers = jest.spyOn(clock, 'timer');
    delay('1hrs', pid, 'add', 1);
    ref(pid).after('1hrs').add(1);
    const disposed = timers.mock.results.map(({ value }) =>
      jest.spyOn(value as Disposable, Symbol.dispose),
    );
    await node[Symbol.asyncDispose]();
    expect(disposed.map((dispose) => dispose.mock.calls.length)).toEqual([1, 1]);
    await sim.advance(7_200_000);
    expect(counter.count).toBe(0);
    delay('1hrs', pid, 'add', 1);
    expect(timers).toHaveBeenCalledTimes(2);
  });

  test('after a text that only a cast makes a duration fails where it is made', () => {
    const { pid } = world();
    const parsecs = '5 parsecs' as Duration;
    expect(() => delay(parsecs, pid, 'add', 1)).toThrow(
      expect.objectContaining({ code: 'INVALID_DURATION' }),
    );
  });
});

describe('a deferred call', () => {
  test('has its first arguments from who made it and the rest from who calls it', async () => {
    const { sim, pid } = world();
    const [addFive, add] = [defer(pid, 'add', 5), defer(pid, 'add')];
    const results = [addFive(), addFive(2), add(1)];
    await sim.advance(0);
    expect(results.map(({ value }) => value)).toEqual([5, 15, 16]);
  });

  test('of a function runs in a turn of the process, and never after its end', async () => {
    const { sim, node, counter, pid } = world();
    const read = defer(pid, (by: number) => counter.count + by);
    const before = read(1);
    expect(before.isPending).toBe(true);
    await sim.advance(0);
    node.terminate(pid);
    const after = read(1);
    await sim.advance(0);
    expect([before.value, after.isAbandoned]).toEqual([1, true]);
  });
});

describe('a dispatched function', () => {
  test('gives its value, or the future that it gives, or what it throws', async () => {
    const { sim, counter, pid } = world();
    const results = [
      dispatch(pid, () => counter.count),
      dispatch(pid, () => counter.answer.future),
      dispatch(pid, (): number => counter.explode()),
    ];
    counter.answer.set(7);
    await sim.advance(0);
    expect(results.map(({ state }) => state)).toEqual(['ready', 'ready', 'failed']);
    expect(results.slice(0, 2).map(({ value }) => value)).toEqual([0, 7]);
  });
});

describe('a reference', () => {
  test('calls, tells and calls later', async () => {
    const { sim, counter, pid } = world();
    const sum = ref(pid).add(3);
    ref(pid).tell.add(4);
    const timers = [ref(pid).after('100ms').add(10), ref(pid).after('100ms').add(100)];
    timers[1]?.[Symbol.dispose]();
    await sim.advance(99);
    expect([sum.value, counter.count]).toEqual([3, 7]);
    await sim.advance(1);
    expect(counter.count).toBe(17);
  });

  test('told of a method that throws ends the process, as `tell` does', async () => {
    const { sim, node, pid } = world();
    ref(pid).tell.explode();
    await sim.advance(0);
    expect(node.has('counter')).toBe(false);
  });

  test('with a timeout gives up in time, and asks for a discard', async () => {
    const { sim, counter, pid } = world();
    expect(() => ref(pid).with({ timeout: NaN })).toThrow('Invalid duration NaN');
    const late = ref(pid).with({ timeout: '2s' }).wait();
    const early = ref(pid).with({ timeout: '2s' }).add(1);
    await sim.advance(1_999);
    expect([late.isPending, early.value, counter.answer.future.hasDiscard]).toEqual([
      true,
      1,
      false,
    ]);
    await sim.advance(1);
    expect([late.error, counter.answer.future.hasDiscard]).toEqual([
      expect.objectContaining({ code: 'TIMED_OUT' }),
      true,
    ]);
  });

  test('with a signal gives up with its reason, and lets go of it when it is done', async () => {
    const { sim, counter, pid } = world();
    const controller = new AbortController();
    const { signal } = controller;
    const done = ref(pid).with({ signal }).add(1);
    await sim.advance(0);
    expect([done.value, getEventListeners(signal, 'abort')]).toEqual([1, []]);
    const waiting = ref(pid).with({ signal }).wait();
    await sim.advance(0);
    const reason = new Error('enough');
    controller.abort(reason);
    expect([waiting.error, counter.answer.future.hasDiscard]).toEqual([reason, true]);
    const never = ref(pid).with({ signal }).add(1);
    await sim.advance(0);
    expect([never.error, counter.count]).toEqual([reason, 1]);
  });

  test('with limits is told of a failure that nobody looks at, as a call without', async () => {
    const { sim, node, pid } = world();
    const { signal } = new AbortController();
    void ref(pid).with({ timeout: '1s' }).explode();
    void ref(pid).with({ signal }).explode();
    void ref(pid).with({ timeout: '1s' }).wait();
    const looked = ref(pid).with({ timeout: '1s', signal }).explode();
    looked.onFailed(() => undefined);
    await sim.advance(500);
    expect([node.counters.unobservedFailures, sim.logs.length]).toEqual([2, 2]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await sim.advance(500);
    expect([node.counters.unobservedFailures, sim.logs.length]).toEqual([3, 3]);
  });

  test.each([true, false])('of a remote process is, too (with a signal: %j)', async (signalled) => {
    const { sim, node } = world();
    const Absent = protocol('absent', { get: call(shape.nothing, shape.nothing) });
    const limits = signalled ? { signal: new AbortController().signal } : {};
    void remote(node, Absent, 'absent@10.0.0.1:5050').get(undefined, limits);
    await sim.advance(10);
    expect([node.counters.unobservedFailures, sim.logs.length]).toEqual([1, 1]);
  });

  test('to a process that has ended is abandoned, with limits and without', async () => {
    const { sim, node, pid } = world();
    node.terminate(pid);
    await sim.advance(0);
    expect(ref(pid).add(1).isAbandoned).toBe(true);
    expect(ref(pid).with({ timeout: '1s' }).add(1).isAbandoned).toBe(true);
  });
});

describe('an abandoned call', () => {
  test.each([
    ['under way', "'slow@10.0.0.1:5050' ended with a call of 'later' unanswered"],
    ['waiting', "'slow@10.0.0.1:5050' ended with a call of 'add' unanswered"],
    ['too late', "'slow@10.0.0.1:5050' had ended when 'add' was called"],
  ])('%s says who has abandoned what, through what follows from it', async (when, why) => {
    const { sim, node } = world();
    class Slow extends Counter {
      later(): Future<number> {
        return new FuturePromise<number>().future;
      }
    }
    const pid = node.spawn(new Slow('slow'));
    if (when === 'too late') node.terminate(pid);
    let call = dispatch(pid, 'later');
    await sim.advance(0);
    if (when !== 'under way') call = dispatch(pid, 'add', 1);
    node.terminate(pid);
    await sim.advance(0);
    await expect(call.then((sum) => sum + 1)).rejects.toMatchObject({
      code: 'ABANDONED',
      message: `Future was abandoned: ${why}`,
    });
  });
});

describe('a call of a program without types', () => {
  class Public extends Counter {
    override initialize(): void {
      this.count += 100;
    }
    override link(to: UPID): void {
      super.link(to);
    }
  }

  test.each(['ad', 'count', 'self', 'initialize', 'finalize', 'exited', 'route', 'delay'])(
    'fails if what it names is no public method: %s',
    async (name) => {
      const { sim, node } = world();
      const counter = new Public('public');
      const pid = node.spawn(counter);
      const failing = dispatch(pid, name as 'add', 1);
      await sim.advance(0);
      expect(failing.error).toMatchObject({
        code: 'NO_SUCH_METHOD',
        message: `'public' has no method '${name}'`,
      });
      expect([counter.count, node.has('public')]).toEqual([100, true]);
    },
  );

  test.each([
    'install',
    'installRaw',
    'reply',
    'serve',
    'link',
    'constructor',
    'toString',
    '__defineGetter__',
    '__proto__',
  ])('does not reach what a base class has for its own: %s', async (name) => {
    class Remote extends RemoteProcess {
      add(by: number): number {
        return by;
      }
    }
    const { sim, node } = world();
    const pid = node.spawn(new Remote('remote'));
    const failing = dispatch(pid, name as 'add', 1);
    const fine = dispatch(pid, 'add', 1);
    await sim.advance(0);
    expect(failing.error).toMatchObject({ code: 'NO_SUCH_METHOD' });
    expect(fine.value).toBe(1);
  });

  test('without a result ends its process, as one that throws, and not the node', async () => {
    const { sim, node, counter, pid } = world();
    const other = node.spawn(new Counter('other'));
    tell(pid, 'ad' as 'add', 1);
    const answer = dispatch(other, 'add', 1);
    await sim.advance(0);
    expect([node.has(counter.id), answer.value]).toEqual([false, 1]);
  });

  test('reaches what a class has made public, and functions', async () => {
    const { sim, node, pid } = world();
    const linking = dispatch(node.spawn(new Public('public')), 'link', pid);
    const work = dispatch(pid, () => 7);
    await sim.advance(0);
    expect([linking.isReady, work.value]).toEqual([true, 7]);
  });
});

describe('an executor', () => {
  test('runs functions in order, one at a time, and none once it is disposed', async () => {
    const { sim, node } = world();
    const seen: number[] = [];
    const executor = new Executor(node);
    const push = executor.defer((each: number) => seen.push(each)); // [1816c85]
    const results = [push(1), executor.execute(() => seen.push(2)), push(3)];
    expect(seen).toEqual([]);
    await sim.advance(0);
    expect([seen, results.map(({ value }) => value)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const late = push(4);
    executor[Symbol.dispose]();
    const later = executor.execute(() => seen.push(5));
    await sim.advance(0);
    expect([seen.length, late.isAbandoned, later.isAbandoned]).toEqual([3, true, true]);
  });
});
