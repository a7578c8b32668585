import { describe, expect, test } from '@jest/globals';
import { rejection } from '../conformance/subject.ts';
import { forEachSeed, SeedError } from './for-each-seed.ts';

describe('a scenario over many seeds', () => {
  test('runs each seed once, from 0, in a world of its own', async () => {
    const seen: number[] = [];
    await forEachSeed({ seeds: 5, name: 'runs each seed once' }, async (sim) => {
      expect(sim.nowMs).toBe(0);
      seen.push(sim.world.seed);
      await sim.advance(10);
    });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('names the seed that fails, the moment, and the command that replays it', async () => {
    const failure = await rejection(
      forEachSeed({ seeds: 5, name: 'fails at three' }, async (sim) => {
        await sim.advance(250);
        if (sim.world.seed === 3) throw new RangeError('too much');
      }),
    );
    expect(failure).toBeInstanceOf(SeedError);
    const { message } = failure as SeedError;
    expect(message).toContain('Failed at seed 3, 250 ms: too much');
    expect(message).toContain("MESOS_SIM_SEED=3 npm run test:sim -- -t 'fails at three'");
  });

  test('fails when it reaches for the real world', async () => {
    const failure = await rejection(
      forEachSeed({ seeds: 1, name: 'strays' }, () => {
        Math.random();
        return Promise.resolve();
      }),
    );
    expect(String(failure)).toContain("'Math.random' is the real world");
    expect(Math.random()).toBeLessThan(1);
  });
});
