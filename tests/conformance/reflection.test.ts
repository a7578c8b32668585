import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type protobuf from 'protobufjs';

import { messageOf, reflection } from '../support/any-message.ts';
import { wireTypes } from '../../proto/generated/all.ts';
import type { FieldKind, WireType } from '../../proto/index.ts';

/** What protobufjs, knowing nothing of our codecs, makes of a message. */
function reflected(type: protobuf.Type, body: Uint8Array): unknown {
  return type.toObject(type.decode(body), { enums: String, longs: BigInt });
}

/** Ours in the form of protobufjs, which has bigint for every 64-bit integer. */
function widened(type: WireType<unknown>, message: unknown): unknown {
  const result: Record<string, unknown> = {};
  for (const field of type.fields()) {
    const value = (message as Record<string, unknown>)[field.name];
    if (value === undefined) continue;
    const one = (element: unknown): unknown => widenedValue(field.holds, element);
    if (field.rule === 'repeated') result[field.name] = (value as unknown[]).map(one);
    else if (field.rule === 'map') {
      const entries = Object.entries(value as object).map(([key, item]) => [key, one(item)]);
      result[field.name] = Object.fromEntries(entries);
    } else result[field.name] = one(value);
  }
  return result;
}

function widenedValue(holds: FieldKind, value: unknown): unknown {
  if (holds.kind === 'message') return widened(holds.type, value);
  if (holds.kind === 'bytes') return Buffer.from(value as Uint8Array);
  return holds.kind.startsWith('safe_') ? BigInt(value as number) : value;
}

describe('against the reflection of protobufjs', () => {
  test('no type is left out', () => {
    expect(wireTypes.size).toBeGreaterThan(300);
  });

  test.each([...wireTypes.keys()])('%s: the bytes mean the same, and come back', (name) => {
    const type = wireTypes.get(name);
    if (!type) throw new Error(name);
    const theirType = reflection.lookupType(name);
    fc.assert(
      fc.property(messageOf(type), (message) => {
        const body = type.encode(message);
        const expected = widened(type, message);
        expect(reflected(theirType, body)).toEqual(expected);
        const theirs = theirType.encode(theirType.decode(body)).finish();
        expect(widened(type, type.decode(theirs))).toEqual(expected);
        expect(type.decode(body)).toEqual(message);
        for (const spelling of ['v0', 'v1'] as const) {
          const json = type.toJson(type.fromJson(type.toJson(message, { spelling })));
          if (spelling === 'v0') expect(json).toBe(type.toJson(message));
          JSON.parse(json);
        }
      }),
      { numRuns: 5, seed: 11, endOnFailure: true },
    );
  });
});
