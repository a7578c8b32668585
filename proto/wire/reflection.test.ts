import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import protobuf from 'protobufjs';

import { wireTypes } from '../generated/all.ts';
import type { FieldInfo, FieldKind, WireType } from '../index.ts';

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'mesos');
const root = new protobuf.Root();
for (const file of fs.readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.proto') || path.basename(file) === 'options.proto') continue;
  protobuf.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'), root, { keepCase: true });
}
root.resolveAll();

const DEPTH_MAX = 2;

const arbitraries = new Map<string, fc.Arbitrary<unknown>>();

/** Any message of a type; deep down only what is required. */
function messageOf(type: WireType<unknown>, depth = 0): fc.Arbitrary<unknown> {
  const key = `${type.fullName} ${depth}`;
  const arbitrary = arbitraries.get(key) ?? newMessageOf(type, depth);
  arbitraries.set(key, arbitrary);
  return arbitrary;
}

function newMessageOf(type: WireType<unknown>, depth: number): fc.Arbitrary<unknown> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const field of type.fields()) {
    if (field.rule === 'required') requiredKeys.push(field.name);
    else if (depth >= DEPTH_MAX) continue;
    model[field.name] = fieldOf(field, depth);
  }
  const oneofs = root.lookupType(type.fullName).oneofsArray.map(({ oneof }) => oneof);
  return fc.record(model, { requiredKeys, noNullPrototype: true }).map((message) => {
    const surplus = new Set(oneofs.flatMap((names) => names.filter((n) => n in message).slice(1)));
    return Object.fromEntries(Object.entries(message).filter(([name]) => !surplus.has(name)));
  });
}

function fieldOf({ rule, holds }: FieldInfo, depth: number): fc.Arbitrary<unknown> {
  const value = valueOf(holds, depth);
  switch (rule) {
    case 'required':
    case 'optional':
      return value;
    case 'repeated':
      return fc.array(value, { minLength: 1, maxLength: 3 });
    case 'map':
      return fc.dictionary(text, value, { minKeys: 1, maxKeys: 3, noNullPrototype: false });
  }
}

const text = fc.string({ unit: fc.constantFrom(...Array.from('aZ0 "\\\u0000é☃𝄞')), maxLength: 50 });

function valueOf(holds: FieldKind, depth: number): fc.Arbitrary<unknown> {
  switch (holds.kind) {
    case 'message':
      return messageOf(holds.type, depth + 1);
    case 'enum':
      return fc.constantFrom(...holds.values.names);
    case 'string':
      return text;
    case 'bytes':
      return fc.uint8Array({ maxLength: 80 });
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double({ noNaN: true });
    case 'float':
      return fc.float({ noNaN: true });
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.nat(0xffffffff);
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'safe_int64':
      return fc.maxSafeInteger();
    default:
      return fc.maxSafeNat();
  }
}

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
    const reflection = root.lookupType(name);
    fc.assert(
      fc.property(messageOf(type), (message) => {
        const body = type.encode(message);
        const expected = widened(type, message);
        expect(reflected(reflection, body)).toEqual(expected);
        const theirs = reflection.encode(reflection.decode(body)).finish();
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
