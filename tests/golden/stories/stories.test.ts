import { describe, expect, test } from '@jest/globals';
import { compareStories, taskOf, type Difference, type Lane } from './compare.ts';
import { DIFFERENCES } from './differences.ts';
import { named } from './naming.ts';
import { recordedStory } from './recorded-messages.ts';
import { STORIES, type StoryName } from './stories.ts';

/** Executors of their own, each in its own time: only what is of one task has an order. */
const LANES: Partial<Record<StoryName, Lane>> = { 'v0-driver-command-tasks': taskOf };

const COMPARED: readonly [story: StoryName, messages: number, fields: number][] = [
  ['agent-registers', 4, 34],
  ['agent-unregisters', 3, 3],
  ['v0-driver-custom-executor', 81, 1079],
  ['v0-driver-command-tasks', 75, 953],
  ['v0-driver-framework-killed', 26, 313],
  ['agent-killed-reregisters', 10, 148],
  ['agent-unreachable-reregisters', 12, 132],
  ['master-killed-standalone', 4, 84],
];

describe('what our master, agent, executors and drivers say', () => {
  test.each(COMPARED)(
    'in %s is what C++ Mesos said: %i messages of %i fields, in order',
    async (story, messages, fields) => {
      const theirs = named(recordedStory(story));
      const compared = compareStories(theirs, await STORIES[story](), LANES[story]);
      expect(sorted(compared.differences)).toEqual(sorted(DIFFERENCES[story].map(withoutReason)));
      expect([compared.messages, compared.fields]).toEqual([messages, fields]);
    },
  );
});

const sorted = (differences: readonly Difference[]): Difference[] =>
  [...differences].sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
const titleOf = ({ message, path, theirs }: Difference): string =>
  JSON.stringify([message, path, theirs]);

function withoutReason(declared: Difference & { readonly because?: string }): Difference {
  const { because: _because, ...difference } = declared;
  return difference;
}
