import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

import { wireTypes } from '../../proto/generated/all.ts';
import { unknownFieldsSkipped } from '../../proto/index.ts';

interface Recorded {
  readonly story: string;
  readonly name: string;
  readonly body: string;
  readonly decoded: unknown;
}

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'libprocess');

/** Messages between C++ masters, agents, executors and schedulers. */
const recorded: Recorded[] = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((story) =>
    fs
      .readFileSync(path.join(FOLDER, story), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ ...(JSON.parse(line) as Recorded), story })),
  )
  .filter(({ name, body }) => typeof name === 'string' && typeof body === 'string');

const names = [...new Set(recorded.map(({ name }) => name))].sort();

describe('what C++ Mesos sent', () => {
  test('covers the protocol between master, agent, executors and schedulers', () => {
    expect(names.length).toBeGreaterThanOrEqual(20);
  });

  test.each(names)('%s has the recorded fields and is encoded to the same bytes', (name) => {
    const type = wireTypes.get(name);
    const skipped = unknownFieldsSkipped();
    for (const { body, decoded, story } of recorded.filter((message) => message.name === name)) {
      const bytes = Uint8Array.from(Buffer.from(body, 'base64'));
      const message = type?.decode(bytes);
      expect({ story, message }).toEqual({ story, message: type?.fromJson(decoded) });
      // The clone is without the bytes that decoding kept, so every field is encoded anew.
      const encoded = [message, structuredClone(message)].map((value) => hex(type?.encode(value)));
      expect({ story, encoded }).toEqual({ story, encoded: [hex(bytes), hex(bytes)] });
    }
    expect(unknownFieldsSkipped()).toBe(skipped);
  });
});

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
