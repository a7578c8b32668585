import { describe, expect, test } from '@jest/globals';
import { runSeed } from '../../simulation/run-seed.ts';

/**
 * Seeds of `npm run sim` that have found something. A change of what a seed draws makes others of them:
 * what they found has tests of its own. `without` brings back the plan that a seed had then.
 */
const FOUND: readonly (readonly [seed: number, what: string, ...without: string[]])[] = [
  [53, 'an agent trusted a file whose sync had failed', 'returns'],
  [
    59,
    'a driver took a late answer and watched over no connection from then on',
    'asks',
    'small-registry',
  ],
  [
    9_019,
    'a refused task group left its executor charged for',
    'focus',
    'no-checkpoint',
    'returns',
  ],
  [
    100_171,
    'an update on its way to a slow disk waited twice as long to be repeated',
    'small-registry',
  ],
  [
    100_207,
    'an agent forgot what it had to say of a lost task when its framework rested',
    'no-checkpoint',
  ],
  [5_059, 'a running task was forgotten with a former one of its id', 'returns'],
  [
    261_145_906,
    'a task that began before the power failed was told never to have begun',
    'small-registry',
  ],
  [
    8_000_785,
    'a master that ended, for its registry had been slow, was started by nobody',
    'no-checkpoint',
    'returns',
  ],
  [
    20_000_903,
    'an update that was repeated as its task settled was told after the last one',
    'leaving',
    'no-checkpoint',
    'asks',
  ],
  [
    20_001_092,
    'a scheduler that asked again over another connection was held for disconnected',
    'asks',
  ],
  [
    40_001_566,
    'an update repeated late ended the next task of that id in the eyes of the master',
    'leaving',
    'returns',
  ],
  [60_000_573, 'an executor that ended while its agent was away was charged for by the master'],
  [
    60_001_382,
    'a segment of the journal was lost by its name, and the one after it was not',
    'asks',
  ],
  [
    70_001_078,
    'a task was recovered with the updates of a former one of its id',
    'no-checkpoint',
    'small-registry',
  ],
  [
    72_001_755,
    'the acknowledgement that a task never came ended the next one of its id',
    'no-checkpoint',
    'returns',
    'small-registry',
  ],
  [
    80_000_390,
    'two schedulers that took a framework over at once ended each other',
    'no-checkpoint',
    'small-registry',
  ],
  [
    111_932_512,
    'a late dial of a master that had ended replaced the connection to the next one',
    'returns',
  ],
  [
    123_952_764,
    'a driver that answered offers before it heard that its connection broke was ended',
    'returns',
    'asks',
  ],
  [
    91_004_410,
    'what a task left running outlived the agent that cleaned up after it',
    'leaving',
    'no-checkpoint',
  ],
  [100_002_497, 'an agent that was to leave while it recovered left its tasks running', 'returns'],
  [
    120_009_886,
    'a task without a checkpoint that was launched just before it was given up ran unseen',
    'returns',
  ],
  [
    700_000_684,
    'a task ran unseen whose id a former task had on another agent, not yet acknowledged',
  ],
  [
    30_000_083,
    'an agent that left had a command started by its launcher',
    'returns',
    'asks',
    'small-registry',
  ],
];

/** An hour of virtual time, on a machine that is busy. */
const LASTS_MS_MAX = 300_000;

describe('a cluster outlives what once broke it', () => {
  test.each(FOUND)(
    'seed %d: %s',
    async (seed, _what, ...without) => {
      const { violation } = await runSeed(seed, { without: new Set(without) });
      expect(violation).toBeUndefined();
    },
    LASTS_MS_MAX,
  );
});
