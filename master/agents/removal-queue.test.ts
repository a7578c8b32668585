import { describe, expect, test } from '@jest/globals';
import { agentId } from '../../common/ids.ts';
import { RemovalQueue, type RemovalCause } from './removal-queue.ts';
import type { RateLimit } from '../flags.ts';

function queue(limit?: RateLimit) {
  const timers: (() => void)[] = [];
  const removed: string[] = [];
  const counts = { scheduled: 0, canceled: 0 };
  const removals = new RemovalQueue({
    limit,
    delay: (_delayMs, thunk) => {
      timers.push(thunk);
      return { [Symbol.dispose]: () => undefined };
    },
    onScheduled: () => (counts.scheduled += 1),
    onCanceled: () => (counts.canceled += 1),
  });
  const schedule = (id: string, cause: RemovalCause = 'silent'): void =>
    removals.schedule(agentId(id), cause, () => removed.push(id));
  const tick = (): void => timers.shift()?.();
  return { removals, removed, counts, schedule, tick };
}

describe('the queue of agents to be marked unreachable', () => {
  test('lets all through at once without a limit', () => {
    const { removed, schedule } = queue();
    for (const id of ['a', 'b', 'c']) schedule(id);
    expect(removed).toEqual(['a', 'b', 'c']);
  });

  test('lets them through in order and at the rate of the limit', () => {
    const { removed, schedule, tick } = queue({ permits: 1, perMs: 1_000 });
    for (const id of ['a', 'b', 'c']) schedule(id);
    expect(removed).toEqual(['a']);
    tick();
    expect(removed).toEqual(['a', 'b']);
    tick();
    tick();
    expect(removed).toEqual(['a', 'b', 'c']);
  });

  test('has each agent once', () => {
    const { counts, removed, schedule, tick } = queue({ permits: 1, perMs: 1_000 });
    for (const id of ['a', 'b', 'b']) schedule(id);
    tick();
    tick();
    expect(removed).toEqual(['a', 'b']);
    expect(counts).toEqual({ scheduled: 2, canceled: 0 });
  });

  test('spares those that answer, if they were only silent', () => {
    const { removals, removed, counts, schedule, tick } = queue({ permits: 1, perMs: 1_000 });
    schedule('a');
    schedule('silent', 'silent');
    schedule('away', 'away');
    removals.answered(agentId('silent'));
    removals.answered(agentId('away'));
    tick();
    expect(removed).toEqual(['a', 'away']);
    expect(counts.canceled).toBe(1);
  });
});
