import { describe, expect, test } from '@jest/globals';
import { actorStory } from '../../simulation/actors/actor-story.ts';
import { forEachSeed } from './for-each-seed.ts';
import { seedBatches, SEEDS_PER_BATCH } from './seed-batches.ts';

const SEEDS = 15;
/** What processes do must have been done, else a green run says nothing. */
const TURNS_MIN = 10;
const KINDS = 'initialize finalize message call timer deferred request exited'.split(' ');

describe('nodes whose processes do all that processes can while connections and nodes fail', () => {
  const name = 'keep every rule of libprocess [P1 to P16]';
  test.each(seedBatches(SEEDS))(`${name}, from seed %i`, async (first) => {
    const turns = new Map<string, number>();
    await forEachSeed({ first, seeds: SEEDS_PER_BATCH, name }, async (sim) => {
      for (const [what, count] of (await actorStory(sim)).turns)
        turns.set(what, (turns.get(what) ?? 0) + count);
    });
    if (process.env['MESOS_SIM_SEED'] !== undefined) return;
    for (const kind of KINDS)
      expect([kind, (turns.get(kind) ?? 0) >= TURNS_MIN]).toEqual([kind, true]);
  });
});
