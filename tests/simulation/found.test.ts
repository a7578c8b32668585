import { describe, test } from '@jest/globals';
import { clusterStory } from '../../simulation/cluster-story.ts';
import { drawPlan } from '../../simulation/plan.ts';
import { forEachSeed } from './for-each-seed.ts';

/** Seeds that have found something. A change of the story makes others of them: they only add up. */
const FOUND: readonly (readonly [seed: number, what: string])[] = [
  [6, 'a power cut takes a task whose directory was new in one that was not synced'],
  [8, 'the same, by the journal of an agent that was back after other faults'],
  [34, 'the same, in the first half minute'],
];

describe('a cluster outlives what once broke it', () => {
  test.each(FOUND)('seed %d: %s', async (seed, what) => {
    await forEachSeed({ first: seed, seeds: 1, name: what }, (sim) =>
      clusterStory(sim, drawPlan(sim.random.split('plan'))),
    );
  });
});
