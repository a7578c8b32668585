import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Future } from '../../libprocess/future.ts';
import type { Request } from '../../libprocess/http/http.ts';
import { HttpDecoder } from '../../libprocess/http/wire/http-decoder.ts';
import { MalformedHttpError } from '../../libprocess/http/wire/malformed-http-error.ts';
import type { Listener } from '../../libprocess/network.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';

// What one parser takes for a body another must not take for a request. Each case goes to the real port
// and to the decoder of the simulated one: neither may see the request that is hidden in it, and what
// both see must be the same, up to where the stricter of them stops.

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
const LENGTH = `Content-Length: ${HIDDEN.length}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const head = (headers: string, line = 'POST /open HTTP/1.1'): string =>
  `${line}\r\nHost: x\r\n${headers}\r\n`;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const escaped = (text: string): string => JSON.stringify(text).slice(1, 60);

let listener: Listener;
let seen: string[] = [];

beforeAll(async () => {
  listener = await new NodeNetwork().listen(
    { ip: '127.0.0.1', port: 0 },
    {
      upgrade: () => ({ accept: false, status: 404, headers: {} }),
      request: (request: Request) => {
        seen.push(told(request.method, request.path, request.body));
        return Future.ready({ status: 200, headers: {}, body: new Uint8Array(0) });
      },
    },
  );
});

afterAll(async () => {
  await listener[Symbol.asyncDispose]();
});

const told = (method: string, path: string, body: Uint8Array): string =>
  `${method} ${path} ${Buffer.from(body).toString('latin1')}`;

/** What the port says, and whom it has let through. */
async function port(sent: string): Promise<{ answer: string; requests: readonly string[] }> {
  seen = [];
  const socket = net.connect(listener.port, '127.0.0.1');
  let answer = '';
  socket.on('error', () => undefined);
  socket.on('data', (part) => (answer += part.toString('latin1')));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(sent, 'latin1');
  await closed;
  return { answer, requests: seen };
}

/** What our decoder makes of the same bytes. */
function decoder(sent: string): readonly string[] {
  const requests: string[] = [];
  let start = '';
  let body: Uint8Array[] = [];
  const decoding = new HttpDecoder('request', {
    onHead: (line) => {
      start = line;
      body = [];
      return 'body';
    },
    onData: (bytes) => void body.push(bytes),
    onEnd: () => {
      const [method = '', path = ''] = start.split(' ');
      requests.push(told(method, path, Buffer.concat(body)));
    },
  });
  try {
    decoding.push(Buffer.from(sent, 'latin1'));
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedHttpError);
  }
  return requests;
}

async function expectOneReading(sent: string): Promise<string> {
  const { answer, requests } = await port(sent);
  const decoded = decoder(sent);
  const both = Math.min(requests.length, decoded.length);
  expect(requests.slice(0, both)).toEqual(decoded.slice(0, both));
  expect([...requests, ...decoded].filter((each) => each.startsWith('GET /hidden'))).toEqual([]);
  return answer;
}

/** Neither may let anything of it through. */
async function expectRefused(sent: string): Promise<void> {
  const answer = await expectOneReading(sent);
  expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  expect([...seen, ...decoder(sent)]).toEqual([]);
}

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).concat('\x7f');

describe('a request with two readings is refused:', () => {
  const lengths = [
    '+1',
    '-1',
    '0x1',
    '1 1',
    '1,1',
    '1;',
    '1.0',
    '1e1',
    '',
    'a',
    '1a',
    '١',
    '9'.repeat(40),
  ];
  test.each(lengths.map((each) => [escaped(each), each]))('a length of %s', (_shown, length) =>
    expectRefused(`${head(`Content-Length: ${length}\r\n`)}${HIDDEN}`),
  );

  test.each([
    [`${LENGTH}${LENGTH}`],
    [`Content-Length: 0\r\n${LENGTH}`],
    [`${LENGTH}Content-Length: 0\r\n`],
    [`${LENGTH}${CHUNKED}`],
    [`${CHUNKED}${LENGTH}`],
    [`Content-Length: 0\r\n${CHUNKED}`],
    [`${LENGTH}Transfer-Encoding: identity\r\n`],
    [`${LENGTH}transfer-encoding: CHUNKED\r\n`],
    [`${LENGTH}Transfer-Encoding:\r\n`],
    [`${LENGTH}Host: y\r\n`],
    ['Transfer-Encoding: xchunked\r\n'],
    ['Transfer-Encoding: chunked, identity\r\n'],
    ['Transfer-Encoding: chunked; q=1\r\n'],
    ['Transfer-Encoding: "chunked"\r\n'],
    ['Transfer-Encoding: gzip\r\n'],
    ['Transfer-Encoding : chunked\r\n'],
    [' Transfer-Encoding: chunked\r\n'],
    ['X: y\r\n Transfer-Encoding: chunked\r\n'],
    ['X: y\r\n\tTransfer-Encoding: chunked\r\n'],
    ['Content-Length\r\n'],
    [': x\r\n'],
    ['Content Length: 1\r\n'],
    ['Content-Length : 1\r\n'],
    ['X: y\n'],
    ['X: y\n\n'],
    ['X: y\r'],
    ['X: y\r\r\n'],
  ])('%j', (headers) => expectRefused(`${head(headers)}0\r\n\r\n${HIDDEN}`));

  const sizes = ['', '-1', '+1', '0x1', 'g', 'x', '1 1', ' 1', '\t1', '1\r', '١', 'f'.repeat(17)];
  test.each(sizes.map((each) => [escaped(each), each]))('a chunk of %s', (_shown, size) =>
    expectRefused(`${head(CHUNKED)}${size}\r\nA\r\n0\r\n\r\n${HIDDEN}`),
  );

  test.each([
    ['1\nA\r\n0\r\n\r\n'],
    ['1\r\nA\n0\r\n\r\n'],
    ['1\r\nAB\r\n0\r\n\r\n'],
    ['2\r\nA\r\n0\r\n\r\n'],
    ['1;\n\r\nA\r\n0\r\n\r\n'],
    ['1;a\nb\r\nA\r\n0\r\n\r\n'],
    ['0\r\nX : y\r\n\r\n'],
    ['0\r\nX\r\n\r\n'],
    ['1\r\nA\r\n\r\n0\r\n\r\n'],
  ])('chunks %j', (body) => expectRefused(`${head(CHUNKED)}${body}${HIDDEN}`));

  const values = CONTROLS.filter((each) => each !== '\t');
  test.each(values.map((each) => [escaped(each), each]))('%s in a value', (_shown, control) =>
    expectRefused(head(`X: a${control}b\r\n`)),
  );
  test.each(
    CONTROLS.concat(' ', '(', '"', '/', '[', '{', '\xe9').map((each) => [escaped(each), each]),
  )('%s in a name', (_shown, control) => expectRefused(head(`X${control}: a\r\n`)));

  test.each([
    ['POST\t/open HTTP/1.1'],
    ['POST /open'],
    ['POST'],
    ['post /open HTTP/1.1'],
    ['P(ST /open HTTP/1.1'],
    ['POST /open HTTP/1.'],
    ['POST /open HTTP/1.1x'],
    ['POST /open HTTP/2.0'],
    ['POST /open HTTP/3.1'],
    ['POST /open HTTQ/1.1'],
    ['POST /open http/1.1'],
    ['POST /open HTTP 1.1'],
    ['POST /op\x00en HTTP/1.1'],
    ['POST /op\x01en HTTP/1.1'],
    ['POST /op\x7fen HTTP/1.1'],
    ['POST /op en HTTP/1.1'],
    [' POST /open HTTP/1.1'],
    ['\x00POST /open HTTP/1.1'],
    ['\xefPOST /open HTTP/1.1'],
    ['POST open HTTP/1.1'],
    [`${'A'.repeat(100)} /open HTTP/1.1`],
  ])('the line %j', (line) => expectRefused(head('', line)));
});

describe('a request with one reading is read alike:', () => {
  test.each([
    ['', ''],
    [LENGTH, HIDDEN],
    ['Content-Length: 000\r\n', ''],
    [`content-length:\t${HIDDEN.length} \r\n`, HIDDEN],
    [CHUNKED, `${chunk(HIDDEN)}0\r\n\r\n`],
    ['transfer-encoding:\tCHUNKED \r\n', `${chunk('a')}${chunk(HIDDEN)}0\r\n\r\n`],
    [CHUNKED, `${chunk(HIDDEN)}000\r\n\r\n`],
    [CHUNKED, `${HIDDEN.length.toString(16)};a=b\r\n${HIDDEN}\r\n0\r\n\r\n`],
    [CHUNKED, `${HIDDEN.length.toString(16)};a;b="c;d"\r\n${HIDDEN}\r\n0;e\r\n\r\n`],
    [CHUNKED, `${chunk(HIDDEN)}0\r\nX-Trailer: ${escaped('y')}\r\n\r\n`],
    ['X: \xe9\ta\r\n', ''],
    ['X:\r\n', ''],
    [`Transfer_Encoding: chunked\r\n${LENGTH}`, HIDDEN],
  ])('%j', async (headers, body) => {
    const next = head('', 'GET /next HTTP/1.1');
    await expectOneReading(`${head(headers)}${body}${next}`);
    expect(seen).toEqual([
      `POST /open ${body.includes(HIDDEN) ? (body.includes('\r\na\r\n') ? `a${HIDDEN}` : HIDDEN) : ''}`,
      'GET /next ',
    ]);
  });

  // One of the two may be stricter; then it stops.
  test.each([
    [`${CHUNKED}${CHUNKED}`, '0\r\n\r\n'],
    ['Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'],
    ['Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'],
    [CHUNKED, `${HIDDEN.length.toString(16)};a="b\r\n${HIDDEN}\r\n0\r\n\r\n`],
    [CHUNKED, `${HIDDEN.length.toString(16)} \r\n${HIDDEN}\r\n0\r\n\r\n`],
    [CHUNKED, `0;${HIDDEN.length}\r\n\r\n`],
    [CHUNKED, `0\r\nContent-Length: 5\r\n\r\n`],
    ['Expect: nonsense\r\n', ''],
    ['Connection: Content-Length\r\n', ''],
  ])('%j, or refused by one', async (headers, body) => {
    await expectOneReading(`${head(headers)}${body}`);
  });
});

test.each(['POST  /open HTTP/1.1', 'POST /open  HTTP/1.1'])(
  '%j is read alike, or refused by one',
  (line) => expectOneReading(head('', line)).then(() => undefined),
);

test('a header one byte above the limit is refused, and two thousand short ones are not', async () => {
  const long = (length: number): string => head(`X: ${'x'.repeat(length)}\r\n`);
  await expectRefused(long(33 * 1_024));
  await expectOneReading(long(31 * 1_024));
  expect(seen).toHaveLength(1);
  await expectRefused(head('X: y\r\n'.repeat(20_000)));
});

test('what comes after a refusal has been read is not handled, though the connection still stands', async () => {
  seen = [];
  const socket = net.connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const refused = head('Transfer-Encoding: gzip, chunked\r\n');
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1', 9, 12));
    });
    socket.write(`${refused}0\r\n\r\n`);
  });
  socket.end(HIDDEN);
  await closed;
  expect([answer, seen]).toEqual(['501', []]);
});
