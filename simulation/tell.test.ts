import { expect, test } from '@jest/globals';
import { tell } from './tell.ts';

test('a story tells what was done to a cluster, and how it ended', () => {
  const lines = [
    '1.000 machine-2#2 started node machine-2',
    '2.000 machine-2#2 disk read /var/lib/mesos/meta',
    '3.000 nemesis kill-agent machine-2',
    '3.000 machine-2#2 ended SIGKILL',
    ...Array.from({ length: 20 }, (_, index) => `${String(4 + index)}.000 master#1 frame`),
  ];
  const story = tell(lines);
  expect(story.slice(0, 5)).toEqual([
    'What was done to it, by milliseconds:',
    '  1.000 machine-2#2 started node machine-2',
    '  3.000 nemesis kill-agent machine-2',
    '  3.000 machine-2#2 ended SIGKILL',
    'Its last moments:',
  ]);
  expect(story.at(-1)).toBe('  23.000 master#1 frame');
});
