import { describe, test } from '@jest/globals';
import { FAULTS_OF_LINKS } from '../../simulation/cluster-faults.ts';
import { clusterStory } from '../../simulation/cluster-story.ts';
import { forEachSeed } from './for-each-seed.ts';
import { SEEDS_PER_BATCH, seedBatches } from './seed-batches.ts';

describe('a cluster outlives partitions, lost connections and killed agents', () => {
  test.each(seedBatches(200))('with the seeds from %d on', async (first) => {
    const name = `lost connections and killed agents with the seeds from ${String(first)} on`;
    await forEachSeed({ first, seeds: SEEDS_PER_BATCH, name }, (sim) =>
      clusterStory(sim, { kinds: FAULTS_OF_LINKS }),
    );
  });
});
