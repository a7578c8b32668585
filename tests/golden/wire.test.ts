import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { wireTypes } from '../../proto/generated/all.ts';
import { MalformedMessageError, unknownFieldsSkipped, type WireType } from '../../proto/index.ts';

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

describe('what C++ Mesos sent, damaged on the way', () => {
  const damage = fc.record({ at: fc.nat(), byte: fc.nat(255) });

  test('is refused, or is a message that comes back unchanged', () => {
    let refused = 0;
    const anyRecorded = fc.constantFrom(...recorded.filter(({ body }) => body !== ''));
    fc.assert(
      fc.property(anyRecorded, fc.array(damage, { minLength: 1 }), ({ name, body }, damages) => {
        const type = wireTypes.get(name);
        const bytes = Uint8Array.from(Buffer.from(body, 'base64'));
        for (const { at, byte } of damages) bytes[at % bytes.length] = byte;
        const message = decoded(type, bytes);
        if (message === undefined) refused += 1;
        else {
          const encoded = type?.encode(message) ?? bytes;
          expect(hex(type?.encode(type.decode(encoded)))).toBe(hex(encoded));
        }
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(2_700);
  });
});

/** Undefined if it is malformed; any other error is one of ours. */
function decoded(type: WireType<unknown> | undefined, bytes: Uint8Array): unknown {
  try {
    return type?.decode(bytes);
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}
