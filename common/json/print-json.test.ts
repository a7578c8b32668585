import { describe, expect, test } from '@jest/globals';
import { Double, printJson, RawJson } from './print-json.ts';

describe('JSON as Mesos prints it', () => {
  test.each([
    ['whole doubles keep a fraction', new Double(4), '4.0'],
    ['other doubles keep their digits', new Double(0.1), '0.1'],
    ['integers have none', 17_051, '17051'],
    ['64-bit integers keep all digits', 1_795_164_942_564_284_160n, '1795164942564284160'],
    ['what is not a number is no JSON', new Double(NaN), '0.0'],
    ['ready text goes in as it is', new RawJson('{"a":1}'), '{"a":1}'],
    ['quotes are escaped', 'say "hi"\n', '"say \\"hi\\"\\n"'],
    ['absent fields are left out', { a: undefined, b: [true, null] }, '{"b":[true,null]}'],
  ])('%s', (_case, value, expected) => {
    expect(printJson(value)).toBe(expected);
  });
});
