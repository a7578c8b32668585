import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Message } from '../../libprocess/message.ts';
import { decodePost, encodePost, isPost } from '../../libprocess/transport/post-form.ts';
import { UPID } from '../../libprocess/upid.ts';

const FOLDER = new URL('./libprocess/', import.meta.url);

interface Recorded {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  /** Exact bytes up to the blank line. */
  readonly head: string;
  readonly body: string;
}

function recordings(): Recorded[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as Partial<Recorded>)
    .filter((row): row is Recorded => row.head !== undefined && row.name !== undefined);
}

function upid(text: string): UPID {
  const parsed = UPID.parse(text);
  if (!parsed) throw new Error(`'${text}' is no UPID`);
  return parsed;
}

/** What C++ writes after the head: one chunk, or nothing at all. */
function framed(body: Buffer): Buffer {
  if (body.length === 0) return body;
  return Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}

describe('messages recorded from C++ libprocess', () => {
  const all = recordings();

  test('are written by us byte for byte', () => {
    expect(all.length).toBeGreaterThan(100);
    for (const { from, to, name, head, body } of all) {
      const bytes = Buffer.from(body, 'base64');
      const written = encodePost(Message.ofBytes({ from: upid(from), to: upid(to), name }, bytes));
      expect(Buffer.from(written).toString('latin1')).toBe(
        Buffer.concat([Buffer.from(head), framed(bytes)]).toString('latin1'),
      );
    }
  });

  test('are read by us as what they are', () => {
    for (const { from, to, name, head, body } of all) {
      const [line = '', ...lines] = head.trim().split('\r\n');
      const [method = '', path = ''] = line.split(' ');
      const headers = Object.fromEntries(
        lines.map((each) => [
          each.slice(0, each.indexOf(':')).toLowerCase(),
          each.slice(each.indexOf(':') + 2),
        ]),
      );
      const request = {
        method,
        path,
        headers,
        query: {},
        body: Buffer.from(body, 'base64'),
        remoteAddress: '127.0.0.1:1',
      };
      expect(isPost(request)).toBe(true);
      const message = decodePost(request, upid(to).address);
      expect(message instanceof Message && [message.from, message.to, message.name].join(' ')).toBe(
        [from, to, name].join(' '),
      );
    }
  });
});
