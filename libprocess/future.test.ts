import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AbandonedError,
  DiscardedError,
  Future,
  FuturePromise,
  undiscardable,
  type FutureMonitor,
} from './future.ts';

const promise = <T = number>(): FuturePromise<T> => new FuturePromise<T>();

describe('a future', () => {
  test('is pending until its promise is set, failed or discarded [970f84e]', () => {
    const [set, failed, left] = [promise(), promise(), promise()];
    set.set(42);
    failed.fail('no');
    expect([set.future.state, failed.future.state, left.future.state]).toEqual([
      'ready',
      'failed',
      'pending',
    ]);
    expect(set.future.value).toBe(42);
    expect(failed.future.error).toBe('no');
    expect(() => left.future.value).toThrow('Future is pending');
  });

  test.each([
    ['set', (p: FuturePromise<number>) => p.set(1)],
    ['failed', (p: FuturePromise<number>) => p.fail('no')],
    ['discarded', (p: FuturePromise<number>) => p.discard()],
  ])('that is %s calls onAny once, now or later [ec8d373]', (_how, complete) => {
    const it = promise();
    let calls = 0;
    it.future.onAny(() => (calls += 1));
    expect(calls).toBe(0);
    complete(it);
    it.set(2);
    expect(calls).toBe(1);
    it.future.onAny(() => (calls += 1));
    expect(calls).toBe(2);
  });

  test('then chains functions that give values or futures [93efe95]', () => {
    const end = Future.ready(1)
      .then((value) => value + 1)
      .then((value) => Future.ready(`${value}!`))
      .then((text) => text.length);
    expect(end.value).toBe(2);
  });

  test('ends a chain with the last value, the first failure, or a discard [a68ff43]', () => {
    const steps: string[] = [];
    const chain = (from: Future<number>): Future<string> =>
      from
        .then((value) => (steps.push('one'), value + 1))
        .then((value) => (steps.push('two'), String(value)));
    const [good, bad, gone] = [promise(), promise(), promise()];
    const ends = [chain(good.future), chain(bad.future), chain(gone.future)];
    good.set(1);
    bad.fail('no');
    gone.discard();
    expect(ends.map(({ state }) => state)).toEqual(['ready', 'failed', 'discarded']);
    expect(ends[0]?.value).toBe('2');
    expect(ends[1]?.error).toBe('no');
    expect(steps).toEqual(['one', 'two']);
  });

  test('repair gives a value after a failure only [2ce4df7]', () => {
    expect(Future.failed<number>('no').repair(() => 7).value).toBe(7);
    expect(Future.ready(1).repair(() => 7).value).toBe(1);
    expect(Future.discarded<number>().repair(() => 7).isDiscarded).toBe(true);
    expect(Future.abandoned<number>().repair(() => 7).isAbandoned).toBe(true);
  });

  test('whose function throws fails with what it threw', () => {
    const error = new RangeError('no');
    const end = Future.ready(1).then(() => {
      throw error;
    });
    expect(end.error).toBe(error);
  });

  test('is awaitable, and rejects unless it becomes ready', async () => {
    await expect(Promise.resolve(Future.ready(3))).resolves.toBe(3);
    await expect(Promise.resolve(Future.failed(new RangeError('no')))).rejects.toThrow('no');
    await expect(Promise.resolve(Future.discarded())).rejects.toThrow(DiscardedError);
    await expect(Promise.resolve(Future.abandoned())).rejects.toThrow(AbandonedError);
  });
});

describe('a promise associated with another future', () => {
  test.each(['ready', 'failed', 'discarded', 'abandoned'])(
    'follows it: %s [c2e1b6e]',
    (outcome) => {
      const [outer, inner] = [promise(), promise()];
      outer.associate(inner.future);
      if (outcome === 'ready') inner.set(1);
      else if (outcome === 'failed') inner.fail('no');
      else if (outcome === 'discarded') inner.discard();
      else inner.abandon();
      expect(outer.future.isAbandoned).toBe(outcome === 'abandoned');
      if (outcome !== 'abandoned') expect(outer.future.state).toBe(outcome);
    },
  );

  test('sends discard requests to it [c2e1b6e]', () => {
    const [early, late, inner] = [promise(), promise(), promise()];
    early.future.discard();
    early.associate(inner.future);
    expect(inner.future.hasDiscard).toBe(true);
    const other = promise();
    late.associate(other.future);
    late.future.discard();
    expect(other.future.hasDiscard).toBe(true);
    expect(late.future.isPending).toBe(true);
  });
});

describe('a discard request', () => {
  test('may be overtaken by a value [584183a]', () => {
    const it = promise();
    expect([it.future.discard(), it.future.discard()]).toEqual([true, false]);
    it.set(1);
    expect([it.future.value, it.future.hasDiscard]).toEqual([1, true]);
  });

  test('keeps then from running also if it was asked of the future itself, but not who awaits it', async () => {
    const it = new FuturePromise<number>();
    const next = it.future.then((value) => value + 1);
    it.future.discard();
    const awaited = (async () => it.future)();
    it.set(1);
    expect([next.isDiscarded, await awaited]).toEqual([true, 1]);
  });

  test('may be overtaken by a failure [cade4ea]', () => {
    const it = promise();
    it.future.discard();
    it.fail('no');
    expect(it.future.isFailed).toBe(true);
  });

  test('keeps then from running, even when the value comes', () => {
    const it = promise();
    let ran = false;
    const end = it.future.then(() => (ran = true));
    end.discard();
    expect(it.future.hasDiscard).toBe(true);
    it.set(1);
    expect([end.isDiscarded, ran]).toEqual([true, false]);
  });

  test('does not pass undiscardable [280e9a8]', () => {
    const it = promise();
    const wrapped = undiscardable(it.future);
    wrapped.discard();
    expect(it.future.hasDiscard).toBe(false);
    it.set(1);
    expect(wrapped.value).toBe(1);
  });

  test('is never told of once completed', () => {
    const it = promise();
    let told = 0;
    it.future.discard();
    it.set(1);
    it.future.onDiscard(() => (told += 1));
    it.future.discard();
    expect(told).toBe(0);
  });
});

describe('an abandoned future', () => {
  test('stays pending for ever [7eefaac]', () => {
    const it = promise();
    let told = 0;
    it.future.onAbandoned(() => (told += 1)).onAny(() => (told += 10));
    expect([it.abandon(), it.abandon(), it.set(1), it.fail('no')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([it.future.state, it.future.isAbandoned, told]).toEqual(['pending', true, 1]);
  });

  test('abandons the end of a chain [b84ccf5]', () => {
    const it = promise();
    const end = it.future.then((value) => value + 1).then(String);
    it.abandon();
    expect(end.isAbandoned).toBe(true);
  });
});

describe('recover', () => {
  test.each([
    ['discarded [6eed7b9]', (p: FuturePromise<number>) => p.discard()],
    ['failed [1e07220]', (p: FuturePromise<number>) => p.fail('no')],
    ['abandoned [420fe83]', (p: FuturePromise<number>) => p.abandon()],
  ])('gives the result when the future is %s', (_how, complete) => {
    const it = promise();
    const end = it.future
      .then(() => 'value')
      .recover(() => Future.ready('recovered'))
      .then((text) => text.toUpperCase());
    complete(it);
    expect(end.value).toBe('RECOVERED');
  });

  test('passes on only the discard asked for after it began [92ca1de]', () => {
    const [first, second] = [promise(), promise()];
    const end = first.future.recover(() => second.future);
    end.discard();
    expect(first.future.hasDiscard).toBe(true);
    first.discard();
    expect(second.future.hasDiscard).toBe(false);
    end.discard();
    expect(second.future.hasDiscard).toBe(true);
    second.set(5);
    expect(end.value).toBe(5);
  });
});

describe('a long chain', () => {
  const LENGTH = 200_000;
  const chainFrom = (from: Future<number>): Future<number> => {
    let end = from;
    for (let i = 0; i < LENGTH; i += 1) end = end.then((value) => value + 1);
    return end;
  };

  test('completes without using up the stack', () => {
    const it = promise();
    const end = chainFrom(it.future);
    it.set(0);
    expect(end.value).toBe(LENGTH);
  });

  test('is discarded and abandoned without using up the stack', () => {
    const [asked, left] = [promise(), promise()];
    chainFrom(asked.future).discard();
    expect(asked.future.hasDiscard).toBe(true);
    const end = chainFrom(left.future);
    left.abandon();
    expect(end.isAbandoned).toBe(true);
  });

  test('of functions that each give the next future needs no stack either', () => {
    const countdown = (left: number): Future<string> =>
      Future.ready(left).then((n) => (n === 0 ? 'done' : countdown(n - 1)));
    expect(countdown(LENGTH).value).toBe('done');
  });
});

class Monitor implements FutureMonitor {
  readonly thrown: unknown[] = [];
  unobserved = 0;
  callbackThrew(error: unknown): void {
    this.thrown.push(error);
  }
  failedUnobserved(): void {
    this.unobserved += 1;
  }
  failureObserved(): void {
    this.unobserved -= 1;
  }
}

describe('the monitor of a future', () => {
  test('hears of a callback that throws; whoever completes does not, nor do other callbacks', () => {
    const monitor = new Monitor();
    const it = new FuturePromise<number>(monitor);
    const seen: number[] = [];
    it.future
      .onReady(() => {
        throw new RangeError('no');
      })
      .onReady((value) => seen.push(value));
    it.set(1);
    expect(seen).toEqual([1]);
    expect(monitor.thrown.map(String)).toEqual(['RangeError: no']);
  });

  test('counts failures that nobody looks at, at the end of chains too, until somebody does', () => {
    const monitor = new Monitor();
    const it = new FuturePromise<number>(monitor);
    const end = it.future.then((value) => value + 1);
    it.fail(new RangeError('no'));
    expect(monitor.unobserved).toBe(1);
    end.onFailed(() => undefined);
    expect(monitor.unobserved).toBe(0);
  });
});

describe('whatever is done to a future [P9]', () => {
  const OUTCOMES = ['set', 'fail', 'discard', 'abandon'] as const;
  const action = fc.constantFrom(...OUTCOMES, 'request', 'listen');

  test('it is settled once, and each callback runs exactly once then', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
        const it = promise();
        const calls: number[] = [];
        let settledAs: string | undefined;
        for (const what of [...actions, 'listen'] as const) {
          if (what === 'listen') {
            const index = calls.push(0) - 1;
            it.future.onSettled(() => (calls[index] = (calls[index] ?? 0) + 1));
          } else if (what === 'request') {
            it.future.discard();
          } else {
            const did = what === 'set' ? it.set(1) : what === 'fail' ? it.fail('no') : it[what]();
            expect(did).toBe(settledAs === undefined);
            settledAs ??= what;
          }
        }
        const once = settledAs === undefined ? 0 : 1;
        expect(calls).toEqual(calls.map(() => once));
        expect(it.future.isAbandoned).toBe(settledAs === 'abandon');
        expect(it.future.isReady).toBe(settledAs === 'set');
      }),
    );
  });

  test('whatever follows from it is settled exactly when it is', () => {
    const step = fc.constantFrom('then', 'recover', 'repair', 'associate', 'undiscardable');
    const outcome = fc.constantFrom(...OUTCOMES);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), outcome, fc.boolean(), (steps, how, ask) => {
        const it = promise();
        let end: Future<number> = it.future;
        for (const each of steps) {
          if (each === 'then') end = end.then((value) => value);
          else if (each === 'recover') end = end.recover((source) => source);
          else if (each === 'repair') end = end.repair((error) => Future.failed<number>(error));
          else if (each === 'undiscardable') end = undiscardable(end);
          else {
            const outer = promise();
            outer.associate(end);
            end = outer.future;
          }
        }
        if (ask) end.discard();
        expect([end.isPending, end.isAbandoned]).toEqual([true, false]);
        if (how === 'set') it.set(1);
        else if (how === 'fail') it.fail('no');
        else it[how]();
        expect(end.isAbandoned).toBe(how === 'abandon');
        expect(end.isFailed).toBe(how === 'fail');
        expect(end.isReady || end.isDiscarded).toBe(how === 'set' || how === 'discard');
      }),
    );
  });
});
