import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foreignHost, isForged } from './cross-site.ts';
import { jsonDouble } from './json-number.ts';
import { mediaType } from './mime.ts';
import { acceptsGzip, acceptsMediaType } from './negotiation.ts';
import { parseForm, parseQuery } from './query.ts';
import { encodeQuery, parseUrl, printUrl, UrlError } from './url.ts';

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
  ['*;q=0.9, compress', true],
  ['gzip;q=0.1,*', true],
  ['*, gzip;q=0.5', true],
  ['compress,\tgzip', true],
  ['deflate, gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['gzip;q=0.0,*', false],
  ['*, gzip;q=0.0', false],
  ['*;q=0.0, compress', false],
  ['gzipbug;q=0.1', false],
  ['br', false],
  ['', false],
  [',', false],
  [undefined, false],
])('Accept-Encoding %s takes gzip: %s [5fe35c6]', (accepted, expected) => {
  expect(acceptsGzip(accepted === undefined ? {} : { 'accept-encoding': accepted })).toBe(expected);
});

test.each<[string | undefined, boolean]>([
  ['text/*;q=0.0', false],
  ['text/html;q=0.0', false],
  ['text/', false],
  ['text', false],
  ['foo/*', false],
  ['foo/*, text/*;q=0.0', false],
  ['*/*, text/*;q=0.0', false],
  ['*/*;q=0.0, foo', false],
  ['textttt/*', false],
  ['text/*', true],
  ['text/*;q=0.1', true],
  ['text/html', true],
  ['text/html;q=0.1', true],
  ['*/*, text/bar;q=0.5', true],
  ['*/*;q=0.9, text/foo', true],
  ['text/foo,\ttext/*;q=0.1', true],
  [undefined, true],
])('Accept %s takes text/html: %s [66e8dbb]', (accepted, expected) => {
  expect(acceptsMediaType(accepted === undefined ? {} : { accept: accepted }, 'text/html')).toBe(
    expected,
  );
});

test.each([
  ['index.html', 'text/html; charset=utf-8'],
  ['app.JS', 'text/javascript; charset=utf-8'],
  ['a.tar.gz', 'application/gzip'],
  ['.html', 'application/octet-stream'],
  ['README', 'application/octet-stream'],
  ['x.constructor', 'application/octet-stream'],
])('%s is %s', (name, type) => {
  expect(mediaType(name)).toBe(type);
});

describe('a URL', () => {
  test.each([
    ['https://auth.example.org', 'https', 'auth.example.org', 443, '/'],
    ['http://example.org/', 'http', 'example.org', 80, '/'],
    ['HTTP://files.example.org:1234/abc/1', 'http', 'files.example.org', 1_234, '/abc/1'],
    ['http://[::1]:5050/a%20b', 'http', '[::1]', 5_050, '/a%20b'],
    ['http://10.0.0.1?x=1', 'http', '10.0.0.1', 80, '/'],
  ])('%s has its parts [c653c1b]', (text, scheme, ...[host, port, path]) => {
    expect(parseUrl(text)).toMatchObject({ scheme, host, port, path });
  });

  test.each([
    'mesos.com',
    'http/abcdef',
    'abc://abc.com',
    '://///',
    '://',
    'http://',
    'http:////',
    'http://a:0',
    'http://a:65536',
    'http://a:1:2',
    'http://user@host/',
    'http://a b/',
    'http://a/\r\nX: y',
    'http://a/b c',
    'http://a/?q=%zz',
    'http://é/',
  ])('is refused if it is %j [c653c1b]', (text) => {
    expect(() => parseUrl(text)).toThrow(UrlError);
  });

  test('prints as it was, with its query encoded [73842b4]', () => {
    for (const text of ['http://a/', 'https://a:80/b?c=d%26e&f#g', 'http://a/?x']) {
      expect(printUrl(parseUrl(text))).toBe(text);
    }
  });

  test('has a query that comes back as it went, whatever it holds [120887b]', () => {
    expect(encodeQuery({})).toBe('');
    expect(encodeQuery({ foo: 'bar', d: '' })).toBe('foo=bar&d');
    expect(encodeQuery({ 'a&b=c': 'd&e=fg' })).toBe('a%26b%3Dc=d%26e%3Dfg');
    const query = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(query, (pairs) => {
        const names = Object.keys(pairs).filter((name) => name !== '' && pairs[name] !== undefined);
        const sent = Object.fromEntries(names.map((name) => [name, pairs[name] ?? '']));
        expect({ ...parseQuery(encodeQuery(sent)) }).toEqual(sent);
      }),
    );
  });

  test('is harmed by no text at all', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('http://', ':', '/', '?', '#', '%', '[', '@', '80'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          const { host, port, path } = parseUrl(pieces.join(''));
          expect([host === '', port > 0, path.startsWith('/')]).toEqual([false, true, true]);
        } catch (error) {
          expect(error).toBeInstanceOf(UrlError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
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
  const names = ['m', 'M.example.com'];
  const asked = { path: '/', query: {}, body: new Uint8Array(0), remoteAddress: '' };
  const post = (
    headers: Record<string, string>,
    method = 'POST',
    { query = {}, changes = false }: { query?: Record<string, string>; changes?: boolean } = {},
  ) => isForged({ ...asked, method, headers, query }, names, () => changes);

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
    expect(post(headers, 'OPTIONS')).toBe(expected);
    expect(post(headers, 'GET')).toBe(false);
    expect(post(headers, 'GET', { changes: true })).toBe(expected);
    expect(post(headers, 'GET', { query: { jsonp: 'f' } })).toBe(expected);
    expect(post(headers, 'HEAD', { query: { watch: '1secs' } })).toBe(expected);
  });

  test.each([
    ['evil.example', true],
    ['evil.example:80', true],
    ['m.example.com.evil.example:5050', true],
    ['10.0.0.1.evil.example', true],
    ['localhost.evil.example', true],
    ['evil.', true],
    ['m.example.COM:5050', false],
    ['10.0.0.1:5050', false],
    ['[::1]:5050', false],
    ['localhost:5050', false],
    // No name on the Internet; in a cluster, of a container or a service.
    ['mesos-master:5050', false],
    [undefined, false],
  ])('under the name %s is refused: %s', (host, expected) => {
    const request = { ...asked, method: 'GET', headers: host === undefined ? {} : { host } };
    const refusal = foreignHost(request, names);
    expect(refusal?.status).toBe(expected ? 403 : undefined);

    expect(foreignHost(request, ['*'])).toBeUndefined();
  });
});
