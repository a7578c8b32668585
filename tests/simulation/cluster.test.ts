import { describe, test } from '@jest/globals';
import { FAULTS_OF_ALL, FAULTS_OF_LINKS } from './cluster-faults.ts';
import { clusterStory } from './cluster-story.ts';
import { forEachSeed } from './for-each-seed.ts';

/** Seeds of one test: short tests tell sooner, and which seeds they are is told by name. */
const BATCH = 10;

const batches = (seeds: number): number[] =>
  Array.from({ length: seeds / BATCH }, (_, batch) => batch * BATCH);

describe('a cluster outlives partitions, lost connections and killed agents', () => {
  test.each(batches(200))('with the seeds from %d on', async (first) => {
    const name = `lost connections and killed agents with the seeds from ${String(first)} on`;
    await forEachSeed({ first, seeds: BATCH, name }, (sim) =>
      clusterStory(sim, { kinds: FAULTS_OF_LINKS }),
    );
  });
});

describe('a cluster outlives killed masters and schedulers, and machines without power', () => {
  test.each(batches(100))('with the seeds from %d on', async (first) => {
    const name = `machines without power with the seeds from ${String(first)} on`;
    await forEachSeed({ first, seeds: BATCH, name }, (sim) =>
      clusterStory(sim, { kinds: FAULTS_OF_ALL, killChance: 0.3 }),
    );
  });
});

describe('a cluster outlives faults that find it not recovered from those before', () => {
  test.each(batches(50))('with the seeds from %d on', async (first) => {
    const name = `not recovered from those before with the seeds from ${String(first)} on`;
    const hasty = { kinds: FAULTS_OF_ALL, killChance: 0.3, faults: 16, gapMsMax: 400 };
    await forEachSeed({ first, seeds: BATCH, name }, (sim) => clusterStory(sim, hasty));
  });
});
