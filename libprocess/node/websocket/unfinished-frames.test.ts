import { expect, test } from '@jest/globals';
import { UNFINISHED_BYTES_MAX, UNFINISHED_BYTES_PER_IP_MAX } from '../../transport/limits.ts';
import { UnfinishedFrames } from './unfinished-frames.ts';

test('one IP may hold its share, and a byte more is refused', () => {
  const unfinished = new UnfinishedFrames();
  expect(unfinished.change('a', UNFINISHED_BYTES_PER_IP_MAX)).toBeUndefined();
  expect(unfinished.change('a', 1)).toMatch('for its IP');
  expect(unfinished.change('b', UNFINISHED_BYTES_PER_IP_MAX)).toBeUndefined();
  unfinished.change('a', -2);
  expect(unfinished.change('a', 1)).toBeUndefined();
});

test('all may hold so much together, and a byte more is refused', () => {
  const unfinished = new UnfinishedFrames();
  const shares = UNFINISHED_BYTES_MAX / UNFINISHED_BYTES_PER_IP_MAX;
  for (let n = 0; n < shares; n += 1) {
    expect(unfinished.change(`ip ${n}`, UNFINISHED_BYTES_PER_IP_MAX)).toBeUndefined();
  }
  expect(unfinished.change('another', 1)).toMatch('held than the limit');
  // Whoever gives back is heard.
  expect(unfinished.change('another', -1)).toBeUndefined();
});
