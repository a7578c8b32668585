import { describe, expect, test } from '@jest/globals';
import { poison, PoisonedError } from './poison.ts';
import { Simulation } from './simulation.ts';

const WAYS_OUT: Readonly<Record<string, () => unknown>> = {
  setTimeout: () => setTimeout(() => undefined, 0),
  setInterval: () => setInterval(() => undefined, 1),
  setImmediate: () => setImmediate(() => undefined),
  fetch: () => fetch('http://127.0.0.1:1'),
  'Date.now': () => Date.now(),
  'new Date': () => new Date(),
  Date: () => Date(),
  'Math.random': () => Math.random(),
  'performance.now': () => performance.now(),
  'process.nextTick': () => process.nextTick(() => undefined),
  'process.hrtime': () => process.hrtime.bigint(),
  'crypto.randomUUID': () => crypto.randomUUID(),
};

describe('in a poisoned world', () => {
  test.each(Object.entries(WAYS_OUT))('%s throws, and is back afterwards', (_name, use) => {
    {
      using poisoned = poison();
      expect(poisoned).toBeDefined();
      expect(use).toThrow();
    }
    expect(Date.now()).toBeGreaterThan(0);
    expect(performance.now()).toBeGreaterThan(0);
    expect(Math.random()).toBeLessThan(1);
  });

  test('dates of given moments are values like any other', () => {
    using poisoned = poison();
    expect(poisoned).toBeDefined();
    const date = new Date(1_735_689_600_000);
    expect(date.toISOString()).toBe('2025-01-01T00:00:00.000Z');
    expect(date).toBeInstanceOf(Date);
    expect(Date.UTC(2_025, 0)).toBe(1_735_689_600_000);
  });

  test('the simulation runs on, and code that strays is named', async () => {
    using poisoned = poison();
    expect(poisoned).toBeDefined();
    const sim = new Simulation();
    const { runtime } = sim.node();
    const slept: number[] = [];
    runtime.clock.timer(1_000, () => slept.push(runtime.clock.now()));
    await sim.complete(runtime.disk.writeFile('/a', new Uint8Array(3)));
    await sim.advance(5_000);
    expect(slept).toHaveLength(1);
    runtime.clock.timer(1, () => Math.random());
    const stray = sim.advance(10);
    await expect(stray).rejects.toThrow(PoisonedError);
    await expect(stray).rejects.toThrow(/'Math.random' is the real world/);
  });
});
