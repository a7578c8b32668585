import { describe, expect, test } from '@jest/globals';
import type { RunEnd } from './launcher/launcher.ts';
import { RunEnds } from './run-ends.ts';

const END: RunEnd = { kind: 'exited', status: { code: 7 } };

describe('the end of a run', () => {
  test('is heard once by whoever listens', () => {
    const ends = new RunEnds();
    const heard: RunEnd[] = [];
    ends.listen('a', (end) => heard.push(end));
    expect(ends.tell('b', END)).toBe(false);
    expect(ends.tell('a', END)).toBe(true);
    expect(ends.tell('a', END)).toBe(false);
    expect(heard).toEqual([END]);
  });

  test('waits for one that will listen, if nobody else may have it', () => {
    const ends = new RunEnds();
    const heard: RunEnd[] = [];
    ends.tellOnceHeard('a', END);
    ends.tell('b', END);
    for (const containerId of ['a', 'a', 'b']) ends.listen(containerId, (end) => heard.push(end));
    expect(heard).toEqual([END]);
  });

  test('is of no interest once the run is forgotten', () => {
    const ends = new RunEnds();
    const heard: RunEnd[] = [];
    ends.tellOnceHeard('a', END);
    ends.forget('a');
    ends.listen('a', (end) => heard.push(end));
    expect(heard).toEqual([]);
  });
});
