import { describe, expect, test } from '@jest/globals';
import { isForged } from './cross-site.ts';
import { jsonDouble } from './json-number.ts';
import { acceptsGzip } from './negotiation.ts';
import { parseForm, parseQuery } from './query.ts';

const plain = (query: Readonly<Record<string, string>> | undefined) => query && { ...query };

describe('a query', () => {
  test.each([
    ['', {}],
    ['a=1&b=x%20y&c=x+y', { a: '1', b: 'x y', c: 'x y' }],
    ['a=1&a=2', { a: '2' }],
    ['flag&=v&&a=b=c', { flag: '', '': 'v', a: 'b=c' }],
    ['a=%zz', undefined],
    ['%=1', undefined],
    ['a=1&'.repeat(1_001), undefined],
  ])('%j is %j', (text, expected) => {
    expect(plain(parseQuery(text))).toEqual(expected);
  });

  test('has no names that it was not given', () => {
    expect(parseQuery('a=1')?.['constructor']).toBeUndefined();
    expect(parseQuery('__proto__=1')?.['__proto__']).toBe('1');
  });

  test('may come as a form', () => {
    expect(plain(parseForm(new TextEncoder().encode('frameworkId=a%2Fb\r\n')))).toEqual({
      frameworkId: 'a/b',
    });
  });
});

test.each<[string | undefined, boolean]>([
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['*', true],
  ['deflate, gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['br', false],
  [undefined, false],
])('Accept-Encoding %s takes gzip: %s', (accepted, expected) => {
  expect(acceptsGzip(accepted === undefined ? {} : { 'accept-encoding': accepted })).toBe(expected);
});

test.each([
  [0, '0.0'],
  [4, '4.0'],
  [-1.5, '-1.5'],
  [1e21, '1e+21'],
  [Number.NaN, '0.0'],
])('%d is the double %s', (value, expected) => {
  expect(jsonDouble(value)).toBe(expected);
});

describe('a request that may change something', () => {
  const post = (headers: Record<string, string>, method = 'POST') =>
    isForged(
      { method, path: '/', query: {}, headers, body: new Uint8Array(0), remoteAddress: '' },
      ['m', 'm.example.com'],
    );

  test.each<[string, Record<string, string>, boolean]>([
    ['a program', { host: 'm:5050' }, false],
    [
      'a page of ours',
      { host: 'm:5050', origin: 'http://m:5050', 'sec-fetch-site': 'same-origin' },
      false,
    ],
    ['a page of another site', { host: 'm:5050', origin: 'http://evil.example' }, true],
    ['a page of no site', { host: 'm:5050', origin: 'null' }, true],
    [
      'another port of the host',
      { host: 'm:5050', origin: 'http://m:8080', 'sec-fetch-site': 'same-site' },
      true,
    ],
    ['a page of ours, by IP', { host: '10.0.0.1:5050', origin: 'http://10.0.0.1:5050' }, false],
    ['a page of ours, by IPv6', { host: '[::1]:5050', origin: 'http://[::1]:5050' }, false],
    ['a page of ours, local', { host: 'localhost', origin: 'https://localhost' }, false],
    [
      'a page of ours, by another name',
      { host: 'M.example.com', origin: 'http://M.example.com' },
      false,
    ],
    [
      'a page whose name was pointed here',
      { host: 'evil.example:5050', origin: 'http://evil.example:5050' },
      true,
    ],
    [
      'a name like an IP',
      { host: '10.0.0.1.evil.example', origin: 'http://10.0.0.1.evil.example' },
      true,
    ],
    ['a form without origin', { host: 'm:5050', 'sec-fetch-site': 'cross-site' }, true],
  ])('by %s is forged: %s', (_who, headers, expected) => {
    expect(post(headers)).toBe(expected);
    expect(post(headers, 'GET')).toBe(false);
  });
});
