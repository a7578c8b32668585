import { describe, expect, test } from '@jest/globals';
import { fromMilli, printMilli, toMilli } from './scalars.ts';
import { parseValue, printValue } from './values.ts';

describe('a value', () => {
  test.each([
    ['45.55', 'SCALAR', '45.55'],
    ['1e3', 'SCALAR', '1000'],
    ['[10000-20000, 30000-50000]', 'RANGES', '[10000-20000, 30000-50000]'],
    ['[ 4-6, 1-3 ]', 'RANGES', '[1-6]'],
    ['{sda1, sda2}', 'SET', '{sda1, sda2}'],
    ['{a,a}', 'SET', '{a}'],
    ['rack-1', 'TEXT', 'rack-1'],
    ['12ab', 'TEXT', '12ab'],
  ])('%s is a %s [289d9e6] [a3208a5] [32638dc]', (text, type, printed) => {
    const value = parseValue(text);
    expect(value).toMatchObject({ ok: true, value: { type } });
    expect(value.ok && printValue(value.value)).toBe(printed);
  });

  test.each([
    '',
    '  ',
    'inf',
    '-Infinity',
    'nan',
    '1e-310',
    '[1-2',
    '[1-2}',
    '1-2]',
    '{a,b',
    'a}',
    '[1-]',
    '[a-b]',
    '[5]',
    '[9-1]',
    '[1-2][3-4]',
    '{a}{b}',
    '{a,}',
    'x[1-2]',
  ])("'%s' is refused [2ed5435]", (text) => {
    expect(parseValue(text).ok).toBe(false);
  });
});

describe('a scalar', () => {
  test('loses what is beyond three decimals [8289f32]', () => {
    expect(fromMilli(toMilli(1.0001))).toBe(1);
    expect(fromMilli(toMilli(1.0019))).toBe(1.002);
  });

  test('halfway between thousandths rounds away from zero [e553241]', () => {
    expect([0.0625, -0.0625].map((value) => fromMilli(toMilli(value)))).toEqual([0.063, -0.063]);
  });

  test('prints without trailing zeros, and large numbers in full [9e5fa09]', () => {
    const values = [0.1 + 0.2, 4, 1.5, 1_111_111_111_111.1, 0.001];
    expect(values.map((value) => printMilli(toMilli(value)))).toEqual([
      '0.3',
      '4',
      '1.5',
      '1111111111111.1',
      '0.001',
    ]);
  });
});
