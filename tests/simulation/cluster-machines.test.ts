import { describe, test } from '@jest/globals';
import { clusterStory } from '../../simulation/cluster-story.ts';
import { drawPlan } from '../../simulation/plan.ts';
import { forEachSeed } from './for-each-seed.ts';
import { SEEDS_PER_BATCH, seedBatches } from './seed-batches.ts';

describe('a cluster outlives killed masters and schedulers, and machines without power', () => {
  test.each(seedBatches(100))('with the seeds from %d on', async (first) => {
    const name = `machines without power with the seeds from ${String(first)} on`;
    await forEachSeed({ first, seeds: SEEDS_PER_BATCH, name }, (sim) =>
      clusterStory(sim, drawPlan(sim.random.split('plan'), { focus: false, killChance: 0.3 })),
    );
  });
});

describe('a cluster outlives faults that find it not recovered from those before', () => {
  test.each(seedBatches(50))('with the seeds from %d on', async (first) => {
    const name = `not recovered from those before with the seeds from ${String(first)} on`;
    const hasty = { focus: false, killChance: 0.3, faults: 16, gapMsMax: 400 };
    await forEachSeed({ first, seeds: SEEDS_PER_BATCH, name }, (sim) =>
      clusterStory(sim, drawPlan(sim.random.split('plan'), hasty)),
    );
  });
});
