import { expect, test } from '@jest/globals';
import { forbiddenText } from './forbidden-text.ts';

// Put together here: this file is itself searched.
const path = (...parts: readonly string[]): string => `/${parts.join('/')}`;

test.each([
  [path('work', 'shared', 'golden'), 'a path of one machine'],
  [path('home', 'someone', 'clone'), 'a path of one machine'],
  [['https:/', 'registry.example.org', 'ws'].join('/'), 'the host of a registry'],
  [['"resolved":', '"https://example.org"'].join(' '), 'the host of a registry'],
])('%s is an offence, with its line', (text, reason) => {
  expect(forbiddenText('docs/a.md', `fine\nsee ${text}`)).toEqual([`docs/a.md:2: ${reason}`]);
});

test.each(['/var/lib/mesos/work', '--work_dir=/work', 'the registry of agents'])(
  '%s is none',
  (text) => {
    expect(forbiddenText('docs/a.md', text)).toEqual([]);
  },
);
