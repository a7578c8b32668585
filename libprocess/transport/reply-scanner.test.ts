import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReplyScanner } from './reply-scanner.ts';

const ACCEPTED =
  'HTTP/1.1 202 Accepted\r\nDate: Fri, 20 Nov 2026 08:37:03 GMT\r\nContent-Length: 0\r\n\r\n';
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\ncontent-length: 14\r\n\r\n404 Not Found.';
const CHUNKED =
  'HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\n\r\n\r\r\n0\r\nTrailer: 1\r\n\r\n';
const CHUNKED_PLAIN = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n';

function scan(parts: readonly string[]): { statuses: number[]; understood: boolean } {
  const statuses: number[] = [];
  const scanner = new ReplyScanner((status) => statuses.push(status));
  const understood = parts.every((part) => scanner.push(Buffer.from(part, 'latin1')));
  return { statuses, understood };
}

describe('answers to pipelined messages', () => {
  test('are told apart wherever the bytes are cut', () => {
    const all = ACCEPTED + NOT_FOUND + CHUNKED + CHUNKED_PLAIN + ACCEPTED;
    fc.assert(
      fc.property(fc.array(fc.nat(all.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), all.length];
        const parts = places.slice(1).map((end, index) => all.slice(places[index], end));
        const expected = { statuses: [202, 404, 500, 200, 202], understood: true };
        expect(scan(parts)).toEqual(expected);
      }),
    );
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`],
    ['a chunk of no size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('that are %s end the connection', (_what, bytes) => {
    expect(scan([bytes]).understood).toBe(false);
  });

  test('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        new ReplyScanner(() => undefined).push(bytes);
      }),
    );
  });
});
