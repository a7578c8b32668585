import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Request } from '../../../libprocess/http/http.ts';
import { Message } from '../../../libprocess/message.ts';
import {
  helloHeaders,
  readHello,
  speaksProtocol,
} from '../../../libprocess/transport/handshake.ts';
import {
  decodePost,
  encodePost,
  isPost,
  isPostable,
} from '../../../libprocess/transport/post-form.ts';
import { ReplyScanner } from '../../../libprocess/transport/reply-scanner.ts';
import { UPID } from '../../../libprocess/upid.ts';
import { corpus, damage, frugal, unpolluted } from '../../support/hostile-bytes.ts';

const ADDRESS = '10.0.0.1:5050';
const latin1 = new TextDecoder('latin1');
const spoilt = (text: string, spoil: (bytes: Uint8Array) => Uint8Array): string =>
  latin1.decode(spoil(new TextEncoder().encode(text)));

describe('the text of a UPID from a hostile peer', () => {
  test.each(corpus('upid'))('$what', ({ text = '', reads }) => {
    const upid = unpolluted(() => UPID.parse(text));
    expect(upid && { id: upid.id, address: upid.address }).toEqual(reads);
  });

  test('is read as what it prints as, or not at all', () => {
    const near = damage.map((spoil) => spoilt('slave(1)@[2001:db8::1]:5051', spoil));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const upid = UPID.parse(text);
        if (!upid) return;
        expect(upid.toString()).toBe(text);
        expect(upid.port).toBeLessThanOrEqual(65_535);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a handshake from a hostile peer', () => {
  const header = fc.oneof(
    fc.constantFrom('', '0', '-1', '1e9', '9'.repeat(400), 'NaN', '10.0.0.2:5051', '__proto__'),
    damage.map((spoil) => spoilt('10.0.0.2:5051', spoil)),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  const names = ['libprocess-from', 'libprocess-incarnation', 'libprocess-dial'];

  test('is a hello with an address, a number and a short incarnation, or none', () => {
    const headers = fc.dictionary(fc.constantFrom(...names, '__proto__'), header);
    const attack = (): void =>
      fc.assert(
        fc.property(headers, (given) => {
          const hello = readHello(given);
          if (!hello) return;
          expect(readHello(helloHeaders(hello))).toEqual(hello);
          expect(hello.incarnation.length).toBeLessThanOrEqual(64);
          expect(UPID.parse(`@${hello.address}`)?.port).toBeGreaterThan(0);
          expect(hello.dial).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 1_000 },
      );
    unpolluted(attack);
  });

  test.each([','.repeat(100_000), ' '.repeat(100_000), 'libprocess.1'.repeat(10_000)])(
    'may offer protocols at length',
    (offered) => {
      expect(speaksProtocol({ 'sec-websocket-protocol': offered })).toBe(false);
    },
  );
});

describe('a POST from a hostile peer', () => {
  const request = (overrides: Partial<Request>): Request => ({
    method: 'POST',
    path: '/slave(1)/a.B',
    query: {},
    headers: { 'libprocess-from': 'a@10.0.0.2:5051' },
    body: new Uint8Array(0),
    remoteAddress: '10.0.0.2:40000',
    ...overrides,
  });
  const word = fc.oneof(
    fc.constantFrom('', '/', '//', '/%', '/%ff', '/%00/x', '/..', '/a/../b', '/__proto__/x'),
    damage.map((spoil) => spoilt('/slave%281%29/mesos.internal.PingSlaveMessage', spoil)),
    fc.string({ unit: 'binary', maxLength: 100 }),
  );

  test('is a message to a process of this node, or is refused', () => {
    const attack = (): void =>
      fc.assert(
        fc.property(word, word, word, (path, from, agent) => {
          const headers = { 'libprocess-from': from, 'user-agent': `libprocess/${agent}` };
          const post = request({ path, headers });
          expect(isPost(post)).toBe(true);
          const decoded = decodePost(post, ADDRESS);
          if (decoded instanceof Message) expect(decoded.to.address).toBe(ADDRESS);
          else expect([400, 500]).toContain(decoded.status);
        }),
        { numRuns: 1_000 },
      );
    unpolluted(attack);
  });

  test('is never made by what a process may be called', () => {
    fc.assert(
      fc.property(word, word, fc.uint8Array({ maxLength: 20 }), (id, name, body) => {
        const head = { name, from: new UPID(id, ADDRESS), to: new UPID(id, '10.0.0.2:5051') };
        if (!isPostable(head)) return;
        const lines = latin1.decode(encodePost(Message.ofBytes(head, body))).split('\r\n');
        expect(lines.slice(0, 5).map((line) => line.split(/[ :]/)[0])).toEqual([
          'POST',
          'User-Agent',
          'Libprocess-From',
          'Connection',
          'Host',
        ]);
        expect(lines[0]?.split(' ')).toHaveLength(3);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('answers from a hostile peer', () => {
  const ANSWERS = [
    'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
  ].join('');

  test('are counted or end the connection, in whatever pieces they come', () => {
    fc.assert(
      fc.property(damage, fc.integer({ min: 1, max: 50 }), (spoil, piece) => {
        const bytes = spoil(new TextEncoder().encode(ANSWERS.repeat(3)));
        const whole: number[] = [];
        const pieces: number[] = [];
        const accepted = new ReplyScanner((status) => whole.push(status)).push(bytes);
        const scanner = new ReplyScanner((status) => pieces.push(status));
        let goesOn = true;
        for (let at = 0; at < bytes.length && goesOn; at += piece) {
          goesOn = scanner.push(bytes.subarray(at, at + piece));
        }
        expect([goesOn, pieces]).toEqual([accepted, whole]);
        for (const status of whole) expect(Number.isInteger(status)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['a head without an end', 'HTTP/1.1 200 OK\r\nX: '.padEnd(200_000, 'y')],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    [
      'a chunk of 2^64 bytes',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
    ],
    [
      'a chunk line without an end',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(200_000)}`,
    ],
  ])('are refused: %s', (_what, text) => {
    const scanner = new ReplyScanner(() => undefined);
    expect(frugal(() => scanner.push(new TextEncoder().encode(text)))).toBe(false);
  });
});
