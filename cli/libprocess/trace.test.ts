import { expect, test } from '@jest/globals';
import { safeJson } from './printable.ts';
import { lineText } from './trace.ts';

test.each([
  [
    '{"at":0,"kind":"handled","type":"MESSAGE","name":"a\\u001bb","from":"c@1.2.3.4:5","ms":1.5}',
    '00:00:00.000 handled MESSAGE a?b from c@1.2.3.4:5, 1.500 ms',
  ],
  [
    '{"at":1,"kind":"sent","name":"ping","to":"c@1.2.3.4:5"}',
    '00:00:00.001 sent ping to c@1.2.3.4:5',
  ],
  [
    '{"at":1,"kind":"sent","name":"libprocess.Call","method":"kv.g\\u001bt","to":"c@1.2.3.4:5"}',
    '00:00:00.001 sent libprocess.Call kv.g?t to c@1.2.3.4:5',
  ],
  ['{"at":2,"kind":"dropped","lines":7}', '00:00:00.002 7 lines left out: they came too fast'],
  ['{"at":3,"kind":"ended"}', '00:00:00.003 ended'],
])('the line %s is shown as it is meant', (line, shown) => {
  expect(lineText(line)).toBe(shown);
});

test.each([
  'nonsense',
  'null',
  '1',
  '{}',
  '{"at":"soon","kind":"ended"}',
  '{"at":1e99,"kind":"ended"}',
  '{"at":0,"kind":"toString"}',
  '{"at":0,"kind":"handled","ms":"long"}',
])('the line %s, which no trace has, is told as such', (line) => {
  expect(() => lineText(line)).toThrow(expect.objectContaining({ code: 'UNEXPECTED' }));
});

test('JSON for programs holds no character that a terminal obeys', () => {
  const value = { name: '\x1b]0;\x7f\x9b' };
  expect(safeJson(value)).toBe('{"name":"\\u001b]0;\\u007f\\u009b"}');
  expect(JSON.parse(safeJson(value))).toEqual(value);
});
