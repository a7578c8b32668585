import { describe, expect, test } from '@jest/globals';
import { after } from './after.ts';
import { Future, FuturePromise } from '../future.ts';
import { Continue, loop } from './loop.ts';
import { Simulation } from '../sim/index.ts';

const world = () => {
  const sim = new Simulation();
  return { sim, clock: sim.node().runtime.clock };
};

describe('the time that has elapsed', () => {
  test('is a future, ready then and not before; a discard stops it [ff9608c]', async () => {
    const { sim, clock } = world();
    const [kept, given] = [after(clock, 100), after(clock, 100)];
    await sim.advance(99);
    expect(kept.isPending).toBe(true);
    given.discard();
    expect(given.isDiscarded).toBe(true);
    await sim.advance(1);
    expect(kept.isReady).toBe(true);
  });

  test('ends a loop over it when that is discarded [4ccaefc]', async () => {
    const { sim, clock } = world();
    let rounds = 0;
    const end = loop(
      () => after(clock, 10),
      () => {
        rounds += 1;
        return Continue();
      },
    );
    await sim.advance(35);
    expect(rounds).toBe(3);
    end.discard();
    expect(end.isDiscarded).toBe(true);
    await sim.advance(100);
    expect(rounds).toBe(3);
  });
});

describe('after a while', () => {
  test('replaces a future that is not there in time [514f7a0]', async () => {
    const { sim, clock } = world();
    const late = new FuturePromise<number>();
    const end = late.future.after(clock, '100ms', (future) => {
      future.discard();
      return Future.ready(7);
    });
    await sim.advance(99);
    expect(end.isPending).toBe(true);
    await sim.advance(1);
    expect([end.value, late.future.hasDiscard]).toEqual([7, true]);
  });

  test('leaves one alone that is [f7bd350]', async () => {
    const { sim, clock } = world();
    const early = new FuturePromise<number>();
    let expired = false;
    const end = early.future.after(clock, 100, () => +(expired = true));
    await sim.advance(50);
    early.set(1);
    await sim.advance(100);
    expect([end.value, expired]).toEqual([1, false]);
  });

  test('is abandoned with its future, and fails with what it throws', async () => {
    const { sim, clock } = world();
    const expired = (): number => {
      throw new RangeError('no');
    };
    expect(Future.abandoned<number>().after(clock, 1, expired).isAbandoned).toBe(true);
    const end = new FuturePromise<number>().future.after(clock, 1, expired);
    await sim.advance(1);
    expect(end.isFailed).toBe(true);
  });

  test('passes discard requests on, and does not wait for less because of them', async () => {
    const { sim, clock } = world();
    const promise = new FuturePromise<number>();
    const end = promise.future.after(clock, 10, () => 1);
    end.discard();
    expect([promise.future.hasDiscard, end.isPending]).toEqual([true, true]);
    await sim.advance(10);
    expect(end.value).toBe(1);
  });
});
