import { describe, expect, test } from '@jest/globals';
import type { Request } from '../http/http.ts';
import { Message } from '../message.ts';
import { NULL_UPID, UPID } from '../upid.ts';
import { decodePost, encodePost, isPost, isPostable } from './post-form.ts';

const ADDRESS = '10.0.0.1:5050';

const request = (overrides: Partial<Request>): Request => ({
  method: 'POST',
  path: '/master/mesos.internal.PingSlaveMessage',
  query: {},
  headers: { 'libprocess-from': 'slave(1)@10.0.0.2:5051' },
  body: new Uint8Array(0),
  remoteAddress: '10.0.0.2:40000',
  ...overrides,
});

describe('a POST', () => {
  test.each<[string, Partial<Request>, boolean]>([
    ['with Libprocess-From', {}, true],
    [
      'with the user agent of libprocess',
      { headers: { 'user-agent': 'libprocess/a@1.2.3.4:5' } },
      true,
    ],
    ['of another client', { headers: { 'user-agent': 'curl/8' } }, false],
    ['that is a GET', { method: 'GET' }, false],
  ])('%s', (_what, overrides, expected) => {
    expect(isPost(request(overrides))).toBe(expected);
  });

  test('names process and message by its path, the process percent-encoded', () => {
    const decoded = decodePost(request({ path: '/slave%281%29/a.B/c%20d' }), ADDRESS);
    expect(decoded).toMatchObject({
      to: { id: 'slave(1)', address: ADDRESS },
      from: { id: 'slave(1)', address: '10.0.0.2:5051' },
      name: 'a.B/c%20d',
    });
  });

  test.each<[string, Partial<Request>, string]>([
    [
      'Libprocess-From before User-Agent',
      { headers: { 'libprocess-from': ' a@1.2.3.4:5 ', 'user-agent': 'libprocess/b@1.2.3.4:5' } },
      'a@1.2.3.4:5',
    ],
    ['User-Agent alone', { headers: { 'user-agent': 'libprocess/b@1.2.3.4:5' } }, 'b@1.2.3.4:5'],
    [
      'nobody, when it is no UPID',
      { headers: { 'libprocess-from': 'nonsense' } },
      NULL_UPID.toString(),
    ],
  ])('is from %s', (_what, overrides, from) => {
    const decoded = decodePost(request(overrides), ADDRESS);
    expect(decoded instanceof Message && decoded.from.toString()).toBe(from);
  });

  test('without any sender is refused with 500, with a path of no slash with 400', () => {
    expect(decodePost(request({ headers: { 'libprocess-from': '' } }), ADDRESS)).toMatchObject({
      status: 500,
    });
    expect(decodePost(request({ path: 'x' }), ADDRESS)).toMatchObject({ status: 400 });
    expect(decodePost(request({ path: '/%zz/name' }), ADDRESS)).toMatchObject({ status: 500 });
  });

  test('to the process without a name has one slash', () => {
    const head = { name: 'n', from: new UPID('a', ADDRESS), to: new UPID('', '10.0.0.2:5051') };
    const post = new TextDecoder().decode(encodePost(Message.ofBytes(head, new Uint8Array(0))));
    expect(post.split('\r\n')[0]).toBe('POST /n HTTP/1.1');
  });

  test.each(['a\r\nX: y', 'a b', 'ä', '\0'])('never carries the name %j', (name) => {
    const here = new UPID('a', ADDRESS);
    expect(isPostable({ name, from: here, to: here })).toBe(false);
  });

  test('carries the trace of its message as headers, and nothing that is none', () => {
    const message = (trace: Message['trace']): Message => {
      const from = new UPID('a', '10.0.0.2:5051');
      const made = Message.ofBytes(
        { name: 'm', from, to: new UPID('b', ADDRESS) },
        new Uint8Array(0),
      );
      made.trace = trace;
      return made;
    };
    const written = (trace: Message['trace']): string =>
      Buffer.from(encodePost(message(trace))).toString('latin1');
    const plain = written(undefined);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const lines = (...added: readonly string[]): string =>
      `${plain.slice(0, -2)}${added.map((line) => `${line}\r\n`).join('')}\r\n`;
    expect(written({ traceparent, tracestate: 'x=y' })).toBe(
      lines(`traceparent: ${traceparent}`, 'tracestate: x=y'),
    );
    expect(written({ traceparent })).toBe(lines(`traceparent: ${traceparent}`));
    expect(written({ traceparent, tracestate: 'x=y\r\nEvil: 1' })).toBe(
      lines(`traceparent: ${traceparent}`),
    );
    expect(written({ traceparent: `${traceparent}\r\nEvil: 1` })).toBe(plain);

    const headers = { 'libprocess-from': 'a@10.0.0.2:5051', traceparent, tracestate: 'x=y' };
    expect(decodePost(request({ headers }), ADDRESS)).toMatchObject({
      trace: { traceparent, tracestate: 'x=y' },
    });
  });
});
