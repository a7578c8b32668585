import { expect, test } from '@jest/globals';
import { deadLinks } from './dead-links.ts';

const paths = new Set(['README.md', 'docs/flags.md', 'docs/architecture/transport.md']);

test.each(['flags.md', 'flags.md#ports', '../README.md', 'architecture/', 'architecture'])(
  'a link to %s leads somewhere',
  (target) => {
    expect(deadLinks('docs/a.md', `see [there](${target})`, paths)).toEqual([]);
  },
);

test.each(['flag.md', '../docs/missing.md#x', 'arch'])('a link to %s leads nowhere', (target) => {
  expect(deadLinks('docs/a.md', `\n[one](flags.md) [two](${target})`, paths)).toEqual([
    `docs/a.md:2: '${target.replace(/#.*/, '')}' leads nowhere`,
  ]);
});

test('pages elsewhere and places in the same page are not judged', () => {
  expect(deadLinks('docs/a.md', '[a](https://example.org/b) [c](#d)', paths)).toEqual([]);
});
