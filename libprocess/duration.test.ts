import { describe, expect, test } from '@jest/globals';
import { parseDuration, printDuration, spanText, toMs } from './duration.ts';

describe('a duration', () => {
  test.each([
    ['1ns', 0.000001],
    ['2us', 0.002],
    ['500ms', 500],
    ['10secs', 10_000],
    ['1.5mins', 90_000],
    ['.5hrs', 1_800_000],
    ['1days', 86_400_000],
    ['1weeks', 604_800_000],
    ['5s', 5_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ])('%s is read as %d ms [0549d26]', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: ms });
  });

  test.each([
    '',
    '10',
    'secs',
    '10 secs',
    '10sec',
    '-1secs',
    '1.2.3secs',
    '.secs',
    '99999999weeks',
  ])("'%s' is refused [0549d26]", (text) => {
    expect(parseDuration(text).ok).toBe(false);
  });

  test.each([
    ['-1s', "'-1s'"],
    ['5', "'5'"],
    ['x', "'x'"],
    ['1.2.3s', "'1.2.3s': '1.2.3' is not a number;"],
  ])('%s is refused by a text that says what would be right', (text, what) => {
    const refused = parseDuration(text);
    expect(refused).toMatchObject({ ok: false, error: expect.stringContaining(what) as unknown });
    expect(refused).toMatchObject({
      error: expect.stringMatching(
        /without a sign and a unit, such as '5secs' or '1\.5mins'$/,
      ) as unknown,
    });
  });

  test('before now is told as over at once', () => {
    expect([spanText(-1), spanText(5), spanText('5s')]).toEqual(['0 ms', '5 ms', '5s']);
  });

  test('of no number is refused: it would never be over', () => {
    expect(() => toMs(NaN)).toThrow('Invalid duration NaN: expecting milliseconds');
    expect(toMs(Infinity)).toBe(Infinity);
  });

  test.each([
    [0, '0ns'],
    [0.001, '1us'],
    [0.0015, '1500ns'],
    [1, '1ms'],
    [1.5, '1500us'],
    [1_000, '1secs'],
    [1_500, '1500ms'],
    [60_000, '1mins'],
    [61_000, '61secs'],
    [5_400_000, '90mins'],
    [864_000_000, '10days'],
    [604_800_000, '1weeks'],
    [1_234.5678, '1.2345678secs'],
    [-3_000, '-3secs'],
  ])('%d ms prints as %s [3aae080]', (ms, text) => {
    expect(printDuration(ms)).toBe(text);
  });
});
