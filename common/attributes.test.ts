import { describe, expect, test } from '@jest/globals';
import type { Attribute } from '../proto/index.ts';
import {
  attributesToJson,
  equalAttributes,
  parseAttributes,
  printAttributes,
} from './attributes.ts';

function parse(text: string): readonly Attribute[] {
  const attributes = parseAttributes(text);
  if (!attributes.ok) throw new Error(attributes.error);
  return attributes.value;
}

describe('attributes', () => {
  test('of text, number and ranges are told apart [aa83c74]', () => {
    const attributes = parse('rack:r1;level:10;ports:[1-5,3-7]');
    expect(attributes.map(({ type }) => type)).toEqual(['TEXT', 'SCALAR', 'RANGES']);
    expect(printAttributes(attributes)).toBe('rack:r1; level:10; ports:[1-7]');
    expect(attributesToJson(attributes)).toEqual({ rack: 'r1', level: 10, ports: '[1-7]' });
  });

  test('may have colons in a text, and none at all', () => {
    expect(attributesToJson(parse('url:http://x'))).toEqual({ url: 'http://x' });
    expect(parse('')).toEqual([]);
  });

  test.each([
    ['disks:{a,b}', "Invalid attribute 'disks': a set cannot be an attribute"],
    ['rack', "Invalid attribute 'rack': expecting 'name:value'"],
    [':r1', "Invalid attribute ':r1': expecting 'name:value'"],
    ['rack:', "Invalid attribute 'rack': Expecting a value, got an empty text"],
  ])('%s is refused [aa83c74]', (text, error) => {
    expect(parseAttributes(text)).toEqual({ ok: false, error });
  });

  test('are equal in any order, and not when a value differs [41e3d60]', () => {
    expect(equalAttributes(parse('a:1;b:x'), parse('b:x;a:1'))).toBe(true);
    expect(equalAttributes(parse('a:1;b:x'), parse('a:1;b:y'))).toBe(false);
    expect(equalAttributes(parse('a:1'), parse('a:1;a:1'))).toBe(false);
  });
});
