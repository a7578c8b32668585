import { describe, test } from '@jest/globals';
import { gossipStory } from '../../simulation/gossip/gossip-story.ts';
import { forEachSeed } from './for-each-seed.ts';

describe('nodes whose processes talk and link while connections and nodes fail', () => {
  const name =
    'lose no message in silence, and are told of each end once and of nothing else [P2 to P8, P14]';
  test(name, () => forEachSeed({ seeds: 12, name }, gossipStory));
});
