import { describe, expect, test } from '@jest/globals';
import { RuntimeError } from '../errors.ts';
import { within } from './within.ts';
import { FuturePromise } from '../future.ts';
import { Simulation } from '../sim/index.ts';
import { Timeout } from './timeout.ts';

const world = () => {
  const sim = new Simulation();
  return { sim, clock: sim.node().runtime.clock };
};

describe('a timeout', () => {
  test('has less and less left, and expires at its very moment', async () => {
    const { sim, clock } = world();
    const timeout = Timeout.in(clock, '5s');
    expect([timeout.remainingMs, timeout.expired]).toEqual([5_000, false]);
    await sim.advance(4_999);
    expect([timeout.remainingMs, timeout.expired]).toEqual([1, false]);
    await sim.advance(1);
    expect([timeout.remainingMs, timeout.expired]).toEqual([0, true]);
    await sim.advance(60_000);
    expect([timeout.remainingMs, timeout.expired]).toEqual([0, true]);
  });

  test('follows monotonic time: wall time may be set meanwhile', () => {
    let wallMs = 1_700_000_000_000;
    const { clock } = world();
    const timeout = Timeout.in({ ...clock, now: () => wallMs, monotonic: () => 7 }, 100);
    wallMs += 3_600_000;
    expect([timeout.atMs, timeout.remainingMs, timeout.expired]).toEqual([107, 100, false]);
  });

  test.each([0, -1, -Infinity])('in %d ms has expired', (durationMs) => {
    const timeout = Timeout.in(world().clock, durationMs);
    expect([timeout.remainingMs, timeout.expired]).toEqual([0, true]);
  });

  test('in an infinite time never expires', async () => {
    const { sim, clock } = world();
    const timeout = Timeout.in(clock, Infinity);
    await sim.advance(10 ** 12);
    expect([timeout.remainingMs, timeout.expired]).toEqual([Infinity, false]);
  });

  test('is compared with others of its clock', async () => {
    const { sim, clock } = world();
    const later = Timeout.in(clock, '10s');
    await sim.advance(4_000);
    const sooner = Timeout.in(clock, '5s');
    expect(sooner < later).toBe(true);
    expect(later <= sooner).toBe(false);
    expect(sooner.equals(later)).toBe(false);
    expect(Timeout.in(clock, '6s').equals(later)).toBe(true);
    expect([later, sooner].sort((left, right) => left.atMs - right.atMs)).toEqual([sooner, later]);
  });

  test('of a text that is no duration is refused', () => {
    expect(() => Timeout.in(world().clock, 'soon' as '5s')).toThrow(RuntimeError);
  });

  test('is one deadline for several waits', async () => {
    const { sim, clock } = world();
    const timeout = Timeout.in(clock, 100);
    const [first, second] = [new FuturePromise<void>(), new FuturePromise<void>()];
    const both = within(first.future, { clock, timeout: timeout.remainingMs }).then(() =>
      within(second.future, { clock, timeout: timeout.remainingMs }),
    );
    await sim.advance(70);
    first.set(undefined);
    await sim.advance(29);
    expect(both.isPending).toBe(true);
    await sim.advance(1);
    expect(both.error).toMatchObject({ code: 'TIMED_OUT' });
  });
});
