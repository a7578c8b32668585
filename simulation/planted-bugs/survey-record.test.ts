import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildOf, SurveyRecord, type RecordedHunt } from './survey-record.ts';

const KEY = { build: 'a', seeds: 500, seedBase: 0 };
const hunt = (id: string, runs: number): RecordedHunt => ({
  id,
  hunter: 'seeds',
  runs,
  violation: 'P7: nobody is told',
  seconds: 1,
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'survey-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a survey goes on where it was, on the same build and seeds', () => {
  const path = join(directory, 'deep', 'survey.jsonl');
  const first = new SurveyRecord(path, KEY);
  first.add(hunt('one', 3));
  first.add(hunt('one', 4));
  appendFileSync(path, '{"id":"two","bui');
  expect(new SurveyRecord(path, KEY).get('one')).toMatchObject(hunt('one', 4));
  expect(new SurveyRecord(path, KEY).get('two')).toBeUndefined();
  for (const other of [{ build: 'b' }, { seeds: 20 }, { seedBase: 7 }])
    expect(new SurveyRecord(path, { ...KEY, ...other }).get('one')).toBeUndefined();
});

test('a build is known by its code alone', () => {
  const build = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return buildOf(directory);
  };
  const first = build('a.js', '1');
  expect(build('a.js.map', '{}')).toBe(first);
  expect(build('b.js', '1')).not.toBe(first);
});
