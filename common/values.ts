import { coalesce, printRanges, type Range, type Ranges } from './ranges.ts';
import { refusal, success, type Result } from './result.ts';
import { printMilli, SCALAR_MAX, toMilli, type Milli } from './scalars.ts';

/** A value as text and flags give it; resources and attributes are made of these. */
export type ParsedValue =
  | { readonly type: 'SCALAR'; readonly milli: Milli }
  | { readonly type: 'RANGES'; readonly ranges: Ranges }
  | { readonly type: 'SET'; readonly items: readonly string[] }
  | { readonly type: 'TEXT'; readonly text: string };

/** The smallest double that is not subnormal. */
const NORMAL_MIN = 2 ** -1022;

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(inf(inity)?|nan)$/i;

/**
 * Reads a value: a number is a scalar, `[1-2, 5-6]` ranges, `{a, b}` a set, anything else a text.
 * Blanks count for nothing.
 */
export function parseValue(text: string): Result<ParsedValue> {
  const compact = text.replaceAll(' ', '');
  if (compact === '') return refusal('Expecting a value, got an empty text');
  if (!bracketsMatch(compact)) return refusal(`Mismatched brackets in '${text}'`);
  if (compact.startsWith('[')) return parseRanges(compact);
  if (compact.startsWith('{')) return parseSet(compact);
  if (/[[{]/.test(compact)) return refusal(`Unexpected bracket inside '${text}'`);
  return parseScalarOrText(compact);
}

function bracketsMatch(text: string): boolean {
  const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };
  const expected: string[] = [];
  for (const character of text) {
    const close = closing[character];
    if (close) expected.push(close);
    else if (/[\]})]/.test(character) && expected.pop() !== character) return false;
  }
  return expected.length === 0;
}

function parseScalarOrText(text: string): Result<ParsedValue> {
  if (NOT_FINITE.test(text)) return refusal(`Scalar '${text}' is not finite`);
  if (!DECIMAL.test(text)) return success({ type: 'TEXT', text });
  const value = Number(text);
  if (value !== 0 && Math.abs(value) < NORMAL_MIN) return refusal(`Scalar '${text}' is subnormal`);
  if (Math.abs(value) > SCALAR_MAX) return refusal(`Scalar '${text}' is out of range`);
  return success({ type: 'SCALAR', milli: toMilli(value) });
}

/** `[31000-32000, 4000-4100]`: the ranges may overlap, the result does not. */
function parseRanges(text: string): Result<ParsedValue> {
  if (text.indexOf(']') !== text.length - 1)
    return refusal(`Expecting one or more ranges, got '${text}'`);
  const inner = text.slice(1, -1);
  const ranges: Range[] = [];
  for (const part of inner === '' ? [] : inner.split(',')) {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(part) ?? [];
    if (first === undefined || last === undefined) {
      return refusal(`Expecting a range such as '31000-32000', got '${part}' in '${text}'`);
    }
    const range = { begin: Number(first), end: Number(last) };
    if (range.begin > range.end) return refusal(`Range '${part}' ends before it begins`);
    if (!Number.isSafeInteger(range.end)) return refusal(`Range '${part}' is out of range`);
    ranges.push(range);
  }
  return success({ type: 'RANGES', ranges: coalesce(ranges) });
}

function parseSet(text: string): Result<ParsedValue> {
  if (text.indexOf('}') !== text.length - 1) return refusal(`Expecting one set, got '${text}'`);
  const inner = text.slice(1, -1);
  const items = inner === '' ? [] : inner.split(',');
  if (items.includes('')) return refusal(`Set '${text}' has an empty item`);
  return success({ type: 'SET', items: [...new Set(items)] });
}

export function printValue(value: ParsedValue): string {
  switch (value.type) {
    case 'SCALAR':
      return printMilli(value.milli);
    case 'RANGES':
      return printRanges(value.ranges);
    case 'SET':
      return printItems(value.items);
    case 'TEXT':
      return value.text;
  }
}

/** `{a, b}`. */
export const printItems = (items: readonly string[]): string => `{${items.join(', ')}}`;
