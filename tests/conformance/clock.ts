import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../libprocess/clock.ts';
import type { Subject } from './subject.ts';

/** The contract of `Clock`. Delays are short: one of the worlds is real. */
export function describeClock(name: string, open: () => Subject<Clock>): void {
  const after = (clock: Clock, delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.timer(delayMs, resolve);
    });

  describe(`${name} is a Clock`, () => {
    test('a timer never fires before its time', async () => {
      await using world = open();
      const { it: clock, complete } = world;
      for (const delayMs of [0, 0.5, 1, 7]) {
        const startMs = clock.monotonic();
        await complete(after(clock, delayMs));
        expect(clock.monotonic() - startMs).toBeGreaterThanOrEqual(delayMs);
      }
    });

    test('a timer never fires within the call that sets it', async () => {
      await using world = open();
      let fired = false;
      world.it.timer(0, () => (fired = true));
      world.it.timer(-5, () => (fired = true));
      expect(fired).toBe(false);
      await world.complete(after(world.it, 5));
      expect(fired).toBe(true);
    });

    test('a disposed timer does not fire, and disposing twice or late is harmless', async () => {
      await using world = open();
      const fired: string[] = [];
      const cancelled = world.it.timer(1, () => fired.push('cancelled'));
      const kept = world.it.timer(1, () => fired.push('kept'));
      cancelled[Symbol.dispose]();
      cancelled[Symbol.dispose]();
      await world.complete(after(world.it, 5));
      kept[Symbol.dispose]();
      expect(fired).toEqual(['kept']);
    });

    test('timers fire in the order of their deadlines', async () => {
      await using world = open();
      const fired: number[] = [];
      for (const delayMs of [30, 10, 20]) world.it.timer(delayMs, () => fired.push(delayMs));
      await world.complete(after(world.it, 40));
      expect(fired).toEqual([10, 20, 30]);
    });

    test('a delay longer than 31 bits of milliseconds does not fire at once', async () => {
      await using world = open();
      let fired = false;
      const month = world.it.timer(2 ** 32, () => (fired = true));
      const never = world.it.timer(Infinity, () => (fired = true));
      await world.complete(after(world.it, 5));
      expect(fired).toBe(false);
      month[Symbol.dispose]();
      never[Symbol.dispose]();
    });

    test('wall time and its nanoseconds agree, and monotonic time does not go back', async () => {
      await using world = open();
      const { it: clock } = world;
      let lastMs = clock.monotonic();
      for (let i = 0; i < 100; i += 1) {
        const nowMs = clock.monotonic();
        expect(nowMs).toBeGreaterThanOrEqual(lastMs);
        lastMs = nowMs;
      }
      const nanoseconds = clock.nanoseconds();
      expect(Math.abs(Number(nanoseconds / 1_000_000n) - clock.now())).toBeLessThan(1_000);
      expect(Number.isInteger(clock.now())).toBe(true);
    });
  });
}
