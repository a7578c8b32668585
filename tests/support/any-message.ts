import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import protobuf from 'protobufjs';

import type { FieldInfo, FieldKind, WireType } from '../../proto/index.ts';

const FOLDER = fileURLToPath(new URL('../../proto/mesos', import.meta.url));

/** What protobufjs makes of our .proto files, knowing nothing of our codecs. */
export const reflection = new protobuf.Root();
for (const file of fs.readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.proto') || path.basename(file) === 'options.proto') continue;
  protobuf.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'), reflection, { keepCase: true });
}
reflection.resolveAll();

const DEPTH_MAX = 2;

const arbitraries = new Map<string, fc.Arbitrary<unknown>>();

/** Any message of a type; deep down only what is required. */
export function messageOf(type: WireType<unknown>, depth = 0): fc.Arbitrary<unknown> {
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
  const oneofs = reflection.lookupType(type.fullName).oneofsArray.map(({ oneof }) => oneof);
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
