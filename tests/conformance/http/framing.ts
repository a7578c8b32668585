import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { NetworkError } from '../../../libprocess/errors.ts';
import { Future } from '../../../libprocess/future.ts';
import type { Response } from '../../../libprocess/http/http.ts';
import { Pipe } from '../../../libprocess/http/pipe.ts';
import type { Headers } from '../../../libprocess/network.ts';
import { raw, statuses } from '../network-bytes.ts';
import { ok, serve, on, type OpenNetworks } from '../network-stage.ts';
import { bytes, rejection } from '../subject.ts';

/** Where an answer ends, whatever a handler says of it. */
export function describeFraming(open: OpenNetworks): void {
  describeHeaders(open);
  describeLengths(open);
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

/** All of what a server says to these requests; the last is answered with `last`. */
async function said(
  open: OpenNetworks,
  answer: () => Response,
  ...requests: readonly string[]
): Promise<string> {
  let got = '';
  await on(open, async (stage) => {
    await using server = await serve(stage, ({ path }) =>
      path === '/last' ? ok(bytes('last')) : Future.ready(answer()),
    );
    const { connection, seen } = raw(stage, server.address);
    connection.write(bytes([...requests, get('/last')].join('')));
    await stage.until(() => seen.received.endsWith('last') || seen.closed === 1);
    got = seen.received;
    connection.terminate();
  })();
  return got;
}

const names = (received: string): readonly string[] =>
  received
    .slice(0, received.indexOf('\r\n\r\n'))
    .split('\r\n')
    .map((line) => line.replace(/:.*/, ''));

const whole = (headers: Headers, body = 'hello world'): Response => ({
  status: 200,
  headers,
  body: bytes(body),
});

function streamed(headers: Headers, ...chunks: readonly string[]): Response & { pipe: Pipe } {
  const pipe = new Pipe();
  for (const chunk of chunks) pipe.writer.write(bytes(chunk));
  pipe.writer.close();
  return { status: 200, headers, body: pipe.reader, pipe };
}

function describeHeaders(open: OpenNetworks): void {
  test.each<readonly [string, Headers]>([
    ['a coding', { 'transfer-encoding': 'chunked' }],
    ['a coding in capitals', { 'Transfer-Encoding': 'chunked' }],
    ['another length', { 'content-length': '3' }],
    ['another length in capitals', { 'Content-Length': '300' }],
    ['what was of another connection', { Connection: 'keep-alive, x', 'Keep-Alive': 'timeout=9' }],
  ])('a whole answer has its own length where its handler gives %s', async (_what, headers) => {
    const received = await said(open, () => whole(headers), get('/'));
    expect(statuses({ opened: 0, closed: 0, received })).toEqual(['200', '200']);
    expect(received).toContain('\r\n\r\nhello worldHTTP/1.1 200');
    const lowered = names(received).map((name) => name.toLowerCase());
    expect(lowered.filter((name) => name === 'content-length')).toHaveLength(1);
    expect(received).toContain('content-length: 11\r\n');
    expect(lowered).not.toContain('transfer-encoding');
    expect(received).not.toContain('timeout=9');
  });

  test('what an answer says is of another connection goes no further, and only `close` ends this one', async () => {
    for (const [connection, ends] of [
      ['keep-alive, X-Hop', false],
      ['x-hop, x-close', false],
      ['X-Hop , Close', true],
    ] as const) {
      const headers = { Connection: connection, 'X-Hop': 'a secret', 'X-End': 'kept' };
      const received = await said(open, () => whole(headers), get('/'));
      expect(received).toContain('x-end: kept\r\n');
      expect(received).not.toMatch(/secret/);
      expect(received.endsWith('last')).toBe(!ends);
      const stream = await said(open, () => streamed(headers, 'hello'), get('/'));
      expect(stream).toContain('5\r\nhello\r\n0\r\n\r\n');
      expect(stream.endsWith('last')).toBe(!ends);
    }
  });

  test('a stream is in chunks once, whatever its handler says', async () => {
    for (const headers of [{ 'transfer-encoding': 'gzip, chunked' }, { 'Transfer-Encoding': '' }]) {
      const received = await said(open, () => streamed(headers, 'hello', ' world'), get('/'));
      expect(received.match(/transfer-encoding: .*/gi)).toEqual([
        expect.stringMatching(/^transfer-encoding: chunked\r?$/i),
      ]);
      expect(received).toContain('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nHTTP/1.1 200');
    }
  });

  test('what its handler has compressed is not compressed again, however it spells that', async () => {
    const packed = new Uint8Array(
      gzipSync(Uint8Array.from({ length: 9_000 }, (_, n) => (n * n * 31) >>> (n % 7))),
    );
    const answer = (): Response => ({
      status: 200,
      headers: { 'Content-Encoding': 'gzip' },
      body: packed,
    });
    const received = await said(open, answer, get('/', 'Accept-Encoding: gzip\r\n'));
    expect(packed.length).toBeGreaterThan(1_024);
    expect(received).toContain(`content-length: ${packed.length}\r\n`);
  });

  test('no body follows the head where none may', async () => {
    const head = get('/').replace('GET', 'HEAD');
    for (const [request, answer, length] of [
      [head, () => whole({}), '11'],
      [head, () => whole({ 'Content-Length': '300' }, ''), '300'],
      [head, () => streamed({ 'content-length': '300' }, 'x'), '300'],
      [get('/'), () => ({ ...whole({ 'content-length': '11' }), status: 204 }), undefined],
      [get('/'), () => ({ ...streamed({ 'content-length': '11' }, 'x'), status: 204 }), undefined],
      [get('/'), () => ({ ...whole({ 'content-length': '300' }), status: 304 }), '300'],
      [get('/'), () => ({ ...streamed({}, 'x'), status: 304 }), undefined],
    ] as const) {
      const received = await said(open, answer, request);
      expect(received).toMatch(/^HTTP\/1\.1 [23]0[04] [^]*?\r\n\r\nHTTP\/1\.1 200 [^]*last$/);
      const first = received.slice(0, received.indexOf('\r\n\r\n'));
      expect(/content-length: (\d+)/i.exec(first)?.[1]).toBe(length);
    }
  });

  test('a length that is none is a 500', async () => {
    for (const length of ['', '-1', '3, 3', '1e3', 'x'])
      expect(await said(open, () => streamed({ 'Content-Length': length }), get('/'))).toMatch(
        /^HTTP\/1\.1 500 /,
      );
  });
}

function describeLengths(open: OpenNetworks): void {
  const DECLARED = { 'Content-Length': '11' };

  test('a stream of the length that it tells is whole, and the next answer follows', async () => {
    const received = await said(open, () => streamed(DECLARED, 'hello', ' world'), get('/'));
    expect(received).toContain('\r\n\r\nhello worldHTTP/1.1 200');
    expect(received).not.toMatch(/chunked/i);
  });

  test.each([
    ['more bytes', ['hello', ' worldHTTP/1.1 200 Forged'], 'hello'],
    ['more bytes after its end', ['hello world', 'HTTP/1.1 200 Forged'], 'hello world'],
    ['fewer bytes', ['hello'], 'hello'],
  ])(
    'a stream of %s than it tells ends its connection, and nothing follows',
    async (_what, chunks, sent) => {
      let pipe: Pipe | undefined;
      const answer = (): Response => {
        const response = streamed(DECLARED, ...chunks);
        ({ pipe } = response);
        return response;
      };
      const received = await said(open, answer, get('/'));
      // A reset may overtake what was sent before it, and lets nothing through that comes after.
      expect(['', '200']).toContain(statuses({ opened: 0, closed: 0, received }).join(' '));
      expect(sent).toContain(received.slice(received.indexOf('\r\n\r\n') + 4));
      expect(pipe?.writer.write(bytes('late'))).toBe(false);
    },
  );

  test(
    'a client does not take a stream for whole that is not of the length that it tells',
    on(open, async (stage) => {
      const answers = [streamed(DECLARED, 'hello'), streamed(DECLARED, 'hello', ' world and more')];
      for (const answer of answers) {
        await using server = await serve(stage, () => Future.ready(answer));
        const read = server
          .ask()
          .then(({ body }) => (body instanceof Uint8Array ? body : body.readAll()));
        expect(await rejection(read)).toBeInstanceOf(NetworkError);
      }
    }),
  );

  test(
    'a request streams in chunks, whatever length its maker tells',
    on(open, async (stage) => {
      const seen: string[] = [];
      await using server = await serve(stage, ({ body }) => {
        seen.push(new TextDecoder().decode(body));
        return ok(bytes(''));
      });
      const { pipe } = streamed({}, 'hello', ' world');
      const headers = { 'Content-Length': '3', 'Transfer-Encoding': 'gzip' };
      await server.ask({ method: 'POST', headers, reader: pipe.reader });
      expect(seen).toEqual(['hello world']);
    }),
  );
}
