import { MalformedMessageError } from './errors.ts';
import type { ScalarKind } from './field.ts';
import { exactInteger } from './json-text.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;

/** More than any number has that fits: to convert a million of them takes a second. */
const DIGITS_MAX = 1_000;
/** Of a value that is told to whoever has sent it. */
const TOLD_MAX = 1_000;

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

const RANGES: Readonly<Record<'int32' | 'uint32' | 'int64' | 'uint64', Range>> = {
  int32: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  uint32: { min: 0n, max: 2n ** 32n - 1n },
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
};

/** Reads a value that is neither an enum nor a message nor null. */
export function scalarFromJson(kind: ScalarKind, field: string, json: unknown): unknown {
  switch (kind) {
    case 'string':
      if (typeof json !== 'string') throw unfit(json, field);
      return json;
    case 'bytes':
      if (typeof json !== 'string') throw unfit(json, field);
      return base64FromJson(json, field);
    case 'bool':
      return boolFromJson(json, field);
    case 'double':
    case 'float':
      return doubleFromJson(kind, json, field);
    case 'int32':
    case 'uint32':
      return Number(integerFromJson(kind, json, field));
    case 'int64':
    case 'uint64':
      return integerFromJson(kind, json, field);
    case 'safe_int64':
      return safe(integerFromJson('int64', json, field), field);
    case 'safe_uint64':
      return safe(integerFromJson('uint64', json, field), field);
  }
}

function unfit(json: unknown, field: string): Error {
  return new MalformedMessageError(`Not expecting a JSON ${jsonTypeOf(json)} for field '${field}'`);
}

export function jsonTypeOf(json: unknown): string {
  if (Array.isArray(json)) return 'array';
  if (typeof json === 'bigint' || exactInteger(json) !== undefined) return 'number';
  return typeof json;
}

function boolFromJson(json: unknown, field: string): boolean {
  if (typeof json === 'boolean') return json;
  if (json === 'true') return true;
  if (json === 'false') return false;
  if (typeof json !== 'string') throw unfit(json, field);
  throw new MalformedMessageError(
    `Failed to parse '${told(json)}' as a JSON boolean for field '${field}'`,
  );
}

function doubleFromJson(kind: 'double' | 'float', json: unknown, field: string): number {
  if (json === 'Infinity' || json === '-Infinity') return Number(json);
  const value = typeof json === 'number' ? json : Number(digitsOf(json, field));
  return kind === 'float' ? Math.fround(value) : value;
}

/** Fractions are cut off, as Mesos does. */
function integerFromJson(kind: keyof typeof RANGES, json: unknown, field: string): bigint {
  const digits = typeof json === 'number' ? String(json) : digitsOf(json, field);
  if (digits.length > DIGITS_MAX) throw outOfRange(digits, field);
  const value = INTEGER.test(digits) ? BigInt(digits) : BigInt(Math.trunc(finite(digits, field)));
  const { min, max } = RANGES[kind];
  if (value < min || value > max) throw outOfRange(digits, field);
  return value;
}

function finite(digits: string, field: string): number {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw outOfRange(digits, field);
  return value;
}

function safe(value: bigint, field: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw outOfRange(String(value), field);
  return number;
}

const told = (text: string): string =>
  text.length > TOLD_MAX ? `${text.slice(0, TOLD_MAX)}...` : text;

function outOfRange(digits: string, field: string): Error {
  return new MalformedMessageError(`Number ${told(digits)} is out of range for field '${field}'`);
}

function digitsOf(json: unknown, field: string): string {
  if (typeof json === 'bigint') return String(json);
  const exact = exactInteger(json);
  if (exact !== undefined) return exact;
  if (typeof json !== 'string') throw unfit(json, field);
  if (NUMBER.test(json)) return json;
  throw new MalformedMessageError(
    `Failed to parse '${told(json)}' as a JSON number for field '${field}'`,
  );
}

/** White space is skipped and padding optional; anything else that is not base64 is an error. */
function base64FromJson(json: string, field: string): Uint8Array {
  const padding = json.indexOf('=');
  const digits = (padding === -1 ? json : json.slice(0, padding)).replace(/[\t-\r ]/g, '');
  const invalid = /[^A-Za-z0-9+/]/u.exec(digits);
  if (invalid) {
    throw new MalformedMessageError(
      `Failed to base64 decode bytes field '${field}': Invalid character '${invalid[0]}'`,
    );
  }
  return Uint8Array.from(Buffer.from(digits, 'base64'));
}
