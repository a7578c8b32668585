import { expect, test } from '@jest/globals';
import { survey, type Finding } from './survey.ts';

const finding = (id: string, hunted: Partial<Finding>): Finding => ({
  bug: { id, area: 'links', file: '', find: '', replace: '', breaks: 'P7: nobody is told' },
  hunter: 'seeds',
  runs: 3,
  violation: undefined,
  seconds: 1,
  ...hunted,
});

test('a survey says which planted bugs were found, how soon, and by what', () => {
  const findings = [
    finding('one', { violation: 'P7: nobody is told' }),
    finding('two', {}),
    finding('three', { hunter: 'crashes', violation: 'R3: it differs (agent:4.before.kill)' }),
  ];
  const bugs = [...findings.map(({ bug }) => bug), finding('four', {}).bug];
  expect(survey({ findings, seeds: 500, bugs }).split('\n')).toEqual([
    '',
    '2 of 3 planted bugs were found within 500 seeds, counted from 0, or by the crash matrix.',
    '1 more were not hunted.',
    '',
    '| Bug | Area | Rule | Found |',
    '|---|---|---|---|',
    '| `one` | links | P7 | seed 3 |',
    '| `two` | links | P7 | not within 500 |',
    '| `three` | links | P7 | `agent:4.before.kill` |',
    '| `four` | links | P7 | not hunted |',
    '',
  ]);
});
