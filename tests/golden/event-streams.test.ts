import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

import { executor, scheduler, unknownFieldsSkipped, type WireType } from '../../proto/index.ts';

interface Row {
  readonly conn: number;
  readonly dir: string;
  readonly kind: string;
  readonly text?: string;
  readonly base64?: string;
}

const FOLDER = path.dirname(fileURLToPath(import.meta.url));

const APIS: readonly [folder: string, from: string, type: WireType<unknown>][] = [
  ['scheduler', 'master->scheduler', scheduler.Event],
  ['executor', 'agent->executor', executor.Event],
];

/** The records of an event stream of the v1 API: a decimal length, a newline, the record. */
function events(folder: string, story: string, from: string): Buffer[] {
  const rows = fs
    .readFileSync(path.join(FOLDER, folder, story), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
    .filter(({ dir, kind }) => dir === from && kind === 'chunk');
  return [...new Set(rows.map(({ conn }) => conn))].flatMap((conn) =>
    records(Buffer.concat(rows.filter((row) => row.conn === conn).map(bytesOf))),
  );
}

function bytesOf({ text, base64 }: Row): Buffer {
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
}

/**
 * Of several shortest forms of a double, rapidjson does not always print the closest, ECMAScript does:
 * 1795164591.9420527 and 1795164591.9420526 are the same double.
 */
function withClosestDigits(json: Buffer): string {
  return json.toString().replace(/\d{10}\.\d{7}/g, (digits) => String(Number(digits)));
}

function records(stream: Buffer): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const start = stream.indexOf('\n', at) + 1;
    const end = start + Number(stream.toString('latin1', at, start - 1));
    result.push(stream.subarray(start, end));
    at = end;
  }
  return result;
}

const cases = APIS.flatMap(([folder, from, type]) =>
  fs.readdirSync(path.join(FOLDER, folder)).map((story) => ({ folder, from, type, story })),
);
const casesIn = (codec: string): typeof cases =>
  cases.filter(({ story }) => story.startsWith(`${codec}-`));

describe('the event streams of C++ Mesos', () => {
  test.each(casesIn('json'))('$folder/$story: our JSON is theirs, letter for letter', (story) => {
    const { folder, from, type } = story;
    const texts = events(folder, story.story, from).map(withClosestDigits);
    const ours = texts.map((text) => type.toJson(type.fromJson(text), { spelling: 'v1' }));
    expect(ours).toEqual(texts);
    expect(texts.length).toBeGreaterThan(2);
  });

  test.each(casesIn('protobuf'))('$folder/$story: our bytes are theirs', (story) => {
    const { folder, from, type } = story;
    const skipped = unknownFieldsSkipped();
    const theirs = events(folder, story.story, from);
    const ours = theirs.map((record) => type.encode(type.decode(record)));
    expect(ours.map(hex)).toEqual(theirs.map(hex).map(withCheckpointInOrder));
    expect(unknownFieldsSkipped()).toBe(skipped);
    expect(theirs.length).toBeGreaterThan(2);
  });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The v1 AgentInfo lacks field 7, `checkpoint`; C++ writes what it does not know after field 8, the port. */
const withCheckpointInOrder = (body: string): string =>
  body.replace('409b85013801', '3801409b8501');
