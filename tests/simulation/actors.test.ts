import { describe, expect, test } from '@jest/globals';
import { actorStory } from '../../simulation/actors/actor-story.ts';
import { forEachSeed } from './for-each-seed.ts';

const SEEDS = 16;
/** What processes do must have been done, else a green run says nothing. */
const TURNS_MIN = 20;
const KINDS = [
  'initialize',
  'finalize',
  'message',
  'call',
  'timer',
  'deferred',
  'request',
  'exited',
];

describe('nodes whose processes do all that processes can while connections and nodes fail', () => {
  const name = 'keep every rule of libprocess [P1 to P16]';
  test(name, async () => {
    const turns = new Map<string, number>();
    await forEachSeed({ seeds: SEEDS, name }, async (sim) => {
      for (const [what, count] of (await actorStory(sim)).turns)
        turns.set(what, (turns.get(what) ?? 0) + count);
    });
    if (process.env['MESOS_SIM_SEED'] !== undefined) return;
    for (const kind of KINDS)
      expect([kind, (turns.get(kind) ?? 0) >= TURNS_MIN]).toEqual([kind, true]);
  });
});
