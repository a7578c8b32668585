import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HttpDecoder } from './http-decoder.ts';
import { MalformedHttpError } from './malformed-http-error.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

interface Decoded {
  readonly events: string[];
  readonly failure: unknown;
}

/** What is heard of a stream in pieces; `finish` says that it has ended. */
function decode(
  kind: 'request' | 'response',
  pieces: readonly Uint8Array[],
  finish = true,
): Decoded {
  const events: string[] = [];
  let body = '';
  const decoder = new HttpDecoder(kind, {
    onHead: (start, headers) => {
      events.push(`${start} ${JSON.stringify(headers)}`);
      body = '';
      return 'body';
    },
    onData: (data) => (body += Buffer.from(data).toString('latin1')),
    onEnd: () => events.push(`end ${body}`),
  });
  try {
    for (const piece of pieces) decoder.push(piece);
    if (finish) decoder.finish();
    return { events, failure: undefined };
  } catch (failure) {
    return { events, failure };
  }
}

const whole = (kind: 'request' | 'response', text: string): Decoded => decode(kind, [bytes(text)]);

describe('a request', () => {
  test('has its headers in lower case, repeated ones joined, whatever their case [f1adb35, cd09e10]', () => {
    const { events } = whole('request', 'GET /a HTTP/1.1\r\nhOsT: x\r\nX-A: 1\r\nx-a:  2 \r\n\r\n');
    expect(events).toEqual(['GET /a HTTP/1.1 {"host":"x","x-a":"1, 2"}', 'end ']);
  });

  test('follows another, and may come byte by byte', () => {
    const text =
      'POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc' +
      'POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\nX: y\r\n\r\n' +
      'GET /c HTTP/1.0\r\n\r\n';
    const expected = [
      'POST /a HTTP/1.1 {"content-length":"3"}',
      'end abc',
      'POST /b HTTP/1.1 {"transfer-encoding":"chunked"}',
      'end def',
      'GET /c HTTP/1.0 {}',
      'end ',
    ];
    expect(whole('request', text).events).toEqual(expected);
    const single = decode(
      'request',
      [...bytes(text)].map((byte) => Uint8Array.of(byte)),
    );
    expect(single).toEqual({ events: expected, failure: undefined });
  });

  test('has headers without a prototype', () => {
    const { events } = whole('request', 'GET / HTTP/1.1\r\n__proto__: x\r\nconstructor: y\r\n\r\n');
    expect(events[0]).toBe('GET / HTTP/1.1 {"__proto__":"x","constructor":"y"}');
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  test('is refused if it never ends, however slowly it grows, and after that all is', () => {
    const decoder = new HttpDecoder('request', {
      onHead: () => 'body',
      onData: () => undefined,
      onEnd: () => undefined,
    });
    const push = (): void => {
      for (let n = 0; n < 100; n += 1) decoder.push(bytes('x'.repeat(1_000)));
    };
    expect(push).toThrow(expect.objectContaining({ code: 'TOO_LONG' }));
    expect(() => decoder.push(bytes('GET / HTTP/1.1\r\n\r\n'))).toThrow(MalformedHttpError);
    expect(whole('request', '\r\n'.repeat(20_000)).failure).toBeInstanceOf(MalformedHttpError);
    const chunk = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(whole('request', chunk + '1'.repeat(20_000)).failure).toMatchObject({
      code: 'TOO_LONG',
    });
    expect(whole('request', `${chunk}0\r\n${'a: b\r\n'.repeat(10_000)}`).failure).toMatchObject({
      code: 'TOO_LONG',
    });
  });

  test('takes no room for what it only promises', () => {
    for (const promise of ['Content-Length: 999999999999999', 'Transfer-Encoding: chunked']) {
      const text = `POST / HTTP/1.1\r\n${promise}\r\n\r\nffffffff\r\nabc`;
      const { events, failure } = decode('request', [bytes(text)], false);
      expect([events.length, failure]).toEqual([1, undefined]);
    }
  });
});

describe('an answer', () => {
  test('has status, headers and body as sent [7daff91]', () => {
    const text = 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\nhi';
    expect(whole('response', text)).toEqual({
      events: ['HTTP/1.1 200 OK {"x":"y","content-length":"2"}', 'end hi'],
      failure: undefined,
    });
    expect(whole('response', 'HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n').failure).toBeUndefined();
  });

  test('without a length ends with its connection [2408599]', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nall that comes';
    expect(decode('response', [bytes(text)], false).events).toHaveLength(1);
    expect(whole('response', text).events[1]).toBe('end all that comes');
  });

  test('in chunks comes as they come [3603fc2]', () => {
    const data: string[] = [];
    const decoder = new HttpDecoder('response', {
      onHead: () => 'body',
      onData: (chunk) => data.push(Buffer.from(chunk).toString()),
      onEnd: () => data.push('<end>'),
    });
    decoder.push(bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n'));
    expect(data).toEqual(['one']);
    decoder.push(bytes('3\r\ntwo\r\n0\r\n\r\n'));
    expect(data).toEqual(['one', 'two', '<end>']);
  });

  test('that is shorter than it says is no end [d451a0d]', () => {
    for (const text of [
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'HTTP/1.1 200 OK\r\nContent-Le',
    ]) {
      expect(whole('response', text).failure).toBeInstanceOf(MalformedHttpError);
    }
  });

  test.each([
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'ICY 200 OK\r\n\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
  ])('is refused if it is %j [4759084]', (text) => {
    expect(whole('response', text).failure).toBeInstanceOf(MalformedHttpError);
  });
});

describe('any bytes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        'GET / HTTP/1.1',
        'HTTP/1.1 200 OK',
        '\r\n',
        '\n',
        '\r',
        ': ',
        'Content-Length: ',
        '3',
        'abc',
      ],
      ...[
        'Transfer-Encoding: chunked',
        '0',
        'ff',
        '\0',
        ' ',
        'Host: x',
        '\r\n\r\n',
        '5\r\nhello\r\n',
      ],
    ),
    fc.string(),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));

  test('are HTTP or malformed, and nothing else happens', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('request' as const, 'response' as const), (any, kind) => {
        const { failure } = whole(kind, any);
        if (failure !== undefined) expect(failure).toBeInstanceOf(MalformedHttpError);
      }),
      { numRuns: 2_000 },
    );
  });

  test('mean the same wherever they are cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(9), { maxLength: 40 }), (any, cuts) => {
        const all = bytes(any);
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const cut of [...cuts, all.length]) {
          pieces.push(all.subarray(at, at + cut));
          at += cut;
        }
        const { events, failure } = decode('request', pieces);
        const uncut = decode('request', [all]);
        expect(events).toEqual(uncut.events);
        expect(failure === undefined).toBe(uncut.failure === undefined);
      }),
      { numRuns: 1_000 },
    );
  });
});
