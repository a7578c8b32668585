import { describe, expect, test } from '@jest/globals';
import { askToKill, planKill } from './kill-plan.ts';

describe('a kill', () => {
  test('terminates first, and destroys when its grace is over', () => {
    const intent = askToKill(undefined, { nowMs: 1_000, graceMs: 3_000 });
    expect(planKill(intent, { nowMs: 1_000, graceMs: 3_000 })).toEqual({
      action: 'terminate',
      againAfterMs: 3_000,
    });
    expect(planKill(intent, { nowMs: 4_000, graceMs: 3_000 })).toEqual({ action: 'destroy' });
  });

  test('asked for again can only be shortened', () => {
    const first = askToKill(undefined, { nowMs: 0, graceMs: 5_000 });
    expect(askToKill(first, { nowMs: 100, graceMs: 60_000 })).toEqual(first);
    expect(askToKill(first, { nowMs: 100, graceMs: 1_000 })).toEqual({ killAtMs: 1_100 });
  });

  test('goes on after a restart with the time it has left, or at once', () => {
    const intent = askToKill(undefined, { nowMs: 0, graceMs: 5_000 });
    expect(planKill(intent, { nowMs: 4_000, graceMs: 5_000 }).againAfterMs).toBe(1_000);
    expect(planKill(intent, { nowMs: 9_000, graceMs: 5_000 })).toEqual({ action: 'destroy' });
  });

  test('waits no longer than its grace when the clock was set back', () => {
    const intent = askToKill(undefined, { nowMs: 1_000_000, graceMs: 5_000 });
    expect(planKill(intent, { nowMs: 0, graceMs: 5_000 }).againAfterMs).toBe(5_000);
  });
});
