import { describe, test } from '@jest/globals';
import { clusterStory } from '../../simulation/cluster-story.ts';
import { FAULTS_OF_LINKS } from '../../simulation/faults/kinds.ts';
import { drawPlan } from '../../simulation/plan.ts';
import { forEachSeed } from './for-each-seed.ts';
import { SEEDS_PER_BATCH, seedBatches } from './seed-batches.ts';

const LIMITS = {
  workloads: ['batch'],
  kinds: FAULTS_OF_LINKS,
  agents: 3,
  tasks: 24,
  killChance: 0,
  faults: 8,
} as const;

describe('a cluster outlives partitions, lost connections and killed agents', () => {
  test.each(seedBatches(200))('with the seeds from %d on', async (first) => {
    const name = `lost connections and killed agents with the seeds from ${String(first)} on`;
    await forEachSeed({ first, seeds: SEEDS_PER_BATCH, name }, (sim) =>
      clusterStory(sim, drawPlan(sim.random.split('plan'), LIMITS)),
    );
  });
});
