import { describe, expect, test } from '@jest/globals';
import { RateLimiter } from './limiter.ts';
import { Simulation } from '../sim/index.ts';

const world = () => {
  const sim = new Simulation();
  const { clock } = sim.node().runtime;
  return { sim, limiter: new RateLimiter({ clock, permits: 2, periodMs: 1_000 }) };
};

describe('a rate limiter', () => {
  test('gives permits at its rate, in the order they were asked for [8bac43a]', async () => {
    const { sim, limiter } = world();
    const permits = [limiter.acquire(), limiter.acquire(), limiter.acquire()];
    const ready = (): number => permits.filter(({ isReady }) => isReady).length;
    expect(ready()).toBe(1);
    await sim.advance(499);
    expect(ready()).toBe(1);
    await sim.advance(1);
    expect(permits.map(({ isReady }) => isReady)).toEqual([true, true, false]);
    await sim.advance(500);
    expect(ready()).toBe(3);
    expect(limiter.acquire().isPending).toBe(true);
    await sim.advance(2_000);
    expect(limiter.acquire().isReady).toBe(true);
  });

  test('gives the turn of one discarded in the middle to the next [70f674a]', async () => {
    const { sim, limiter } = world();
    const [, second, third, fourth] = [1, 2, 3, 4].map(() => limiter.acquire());
    third?.discard();
    await sim.advance(500);
    expect([second?.isReady, third?.isDiscarded, fourth?.isReady]).toEqual([true, true, false]);
    await sim.advance(500);
    expect(fourth?.isReady).toBe(true);
  });

  test('gives the turn of the last one, discarded, to one asked for later [9e40a2c]', async () => {
    const { sim, limiter } = world();
    limiter.acquire();
    limiter.acquire().discard();
    const third = limiter.acquire();
    await sim.advance(499);
    expect(third.isReady).toBe(false);
    await sim.advance(1);
    expect(third.isReady).toBe(true);
  });

  test('abandons what waits when it is disposed', async () => {
    const { sim, limiter } = world();
    limiter.acquire();
    const second = limiter.acquire();
    limiter[Symbol.dispose]();
    await sim.advance(1_000);
    expect(second.isAbandoned).toBe(true);
    await expect(second).rejects.toThrow('Future was abandoned: the rate limiter was disposed');
  });

  test.each([
    [0, 1_000],
    [-1, 1_000],
    [NaN, 1_000],
    [Infinity, 1_000],
    [1, 0],
    [1, -5],
    [1, NaN],
    [1, Infinity],
  ])('of %d permits in %d ms is refused', (permits, periodMs) => {
    const { clock } = new Simulation().node().runtime;
    expect(() => new RateLimiter({ clock, permits, periodMs })).toThrow(
      `Invalid rate of ${permits} permits in ${periodMs} ms: expecting numbers above zero`,
    );
  });
});
