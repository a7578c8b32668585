import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import { Pipe } from '../../libprocess/http/pipe.ts';
import type { ByteConnection } from '../../libprocess/network.ts';
import { ok, serve, type NetworkStage, on, type OpenNetworks } from './network-stage.ts';
import { bytes, text } from './subject.ts';

/** Raw bytes to a node. */
export function describeBytes(open: OpenNetworks): void {
  const post = (path: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  test(
    'raw bytes are HTTP to the server: pipelined requests are answered in order',
    on(open, async (stage) => {
      const paths: string[] = [];
      await using server = await serve(stage, ({ path, body }) => {
        paths.push(`${path} ${text(body)}`);
        return Future.ready({ status: 202, headers: {}, body: bytes(`<${path}>`) });
      });
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes(`${post('/a/b', 'one')}POST /c HTTP/1.1\r\nHost: x\r\n`));
      connection.write(bytes('Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n'));
      await stage.until(() => seen.received.includes('</c>'));
      expect(paths).toEqual(['/a/b one', '/c two']);
      expect(seen.received.startsWith('HTTP/1.1 202 Accepted\r\n')).toBe(true);
      expect(seen.received.indexOf('</a/b>')).toBeLessThan(seen.received.indexOf('</c>'));
      expect(seen).toMatchObject({ opened: 1, closed: 0 });
      connection.terminate();
      await stage.until(() => seen.closed === 1);
    }),
  );

  test(
    'what is malformed is refused after the answers to what came before it',
    on(open, async (stage) => {
      const answer = new FuturePromise<Response>();
      await using server = await serve(stage, () => answer.future);
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes(post('/first', 'one')));
      connection.write(bytes('NONSENSE\r\n\r\n'));
      await stage.pause();
      expect(seen.received).toBe('');
      answer.set({ status: 200, headers: {}, body: bytes('fine') });
      await stage.until(() => seen.closed === 1);
      expect(seen.received.match(/(?<=HTTP\/1\.1 )\d+|fine/g)).toEqual(['200', 'fine', '400']);
    }),
  );

  test(
    'a body that is refused is answered after what came before it, and nothing after it is handled',
    on(open, async (stage) => {
      const answer = new FuturePromise<Response>();
      const paths: string[] = [];
      await using server = await serve(stage, ({ path }) => {
        paths.push(path);
        return answer.future;
      });
      const { connection, seen } = raw(stage, server.address);
      const bomb = gzipSync(new Uint8Array(4 * 1_024 * 1_024));
      connection.write(bytes(post('/first', 'one')));
      connection.write(
        bytes(
          `POST /bomb HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
        ),
      );
      connection.write(bomb);
      connection.write(bytes(post('/second', 'two')));
      await stage.pause();
      expect(seen.received).toBe('');
      answer.set({ status: 200, headers: {}, body: bytes('fine') });
      await stage.until(() => seen.received.includes('413'));
      connection.write(bytes(post('/third', 'three')));
      await stage.until(() => seen.closed === 1);
      expect(statuses(seen)).toEqual(['200', '413']);
      expect(seen.received).toMatch(/^connection: close\r$/im);
      expect(paths).toEqual(['/first']);
    }),
  );

  test.each([
    [
      '200 /a',
      'a target that names its host',
      'GET http://other:1/a HTTP/1.1\r\nHost: x\r\n\r\n',
      'other:1',
    ],
    [
      '200 /',
      'one that names nothing else',
      'GET http://other HTTP/1.1\r\nHost: x\r\n\r\n',
      'other',
    ],
    ['200 /a', 'a fragment', 'GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n', 'x'],
    ['400', 'one that names a user', 'GET http://me@other/a HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['200 *', 'the server itself', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 'x'],
    ['400', 'the server, by GET', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['501', 'a tunnel', 'CONNECT other:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      '400',
      'chunks of HTTP/1.0',
      'POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      '200 /a',
      'extensions of chunks',
      'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a;b=c;d="e f"\r\nx\r\n0;g\r\n\r\n',
      'x',
    ],
  ])('a request is answered with %s: %s', async (...[answer, , sent, host]) => {
    await on(open, async (stage) => {
      const asked: Request[] = [];
      await using server = await serve(stage, (request) => {
        asked.push(request);
        return ok(bytes('fine'));
      });
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes(sent));
      await stage.until(() => seen.received.includes('\r\n\r\n'));
      const [status, path] = answer.split(' ');
      expect(statuses(seen)).toEqual([status]);
      expect(asked.map(({ path }) => path)).toEqual(path === undefined ? [] : [path]);
      expect(asked.map(({ headers }) => headers['host'])).toEqual(host === undefined ? [] : [host]);
      connection.terminate();
    })();
  });

  test(
    'another protocol is passed over behind requests that are not answered yet, too',
    on(open, async (stage) => {
      const answer = new FuturePromise<Response>();
      await using server = await serve(stage, ({ path }) =>
        path === '/first' ? answer.future : ok(bytes(path)),
      );
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes(post('/first', 'one')));
      connection.write(
        bytes('GET /second HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
      );
      await stage.pause();
      expect(seen.received).toBe('');
      answer.set({ status: 202, headers: {}, body: bytes('') });
      await stage.until(() => seen.received.includes('/second'));
      expect(statuses(seen)).toEqual(['202', '200']);
      connection.terminate();
    }),
  );

  test(
    'an answer that is compressed varies by what it says itself, and by the encoding',
    on(open, async (stage) => {
      const varies = ['', 'origin', 'Accept-Encoding, origin', '*'];
      const answers = [...varies];
      await using server = await serve(stage, () => {
        const vary = answers.shift() ?? '';
        return ok(new Uint8Array(5_000), vary === '' ? {} : { vary });
      });
      const { connection, seen } = raw(stage, server.address);
      const get = 'GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n';
      connection.write(bytes(get.repeat(varies.length)));
      await stage.until(() => seen.received.split('HTTP/1.1 200').length > varies.length);
      const said = seen.received.match(/(?<=^vary: ).*(?=\r$)/gim);
      expect(said).toEqual(['accept-encoding', 'origin, accept-encoding', ...varies.slice(2)]);
      connection.terminate();
    }),
  );

  test(
    'what was written before a raw connection opened leaves though it is closed by then',
    on(open, async (stage) => {
      const asked: string[] = [];
      await using server = await serve(stage, ({ path }) => {
        asked.push(path);
        return ok(bytes(''));
      });
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes('GET /early HTTP/1.1\r\nHost: x\r\n\r\n'));
      connection.close();
      connection.write(bytes('GET /late HTTP/1.1\r\nHost: x\r\n\r\n'));
      await stage.until(() => seen.closed === 1 && asked.length === 1);
      expect(asked).toEqual(['/early']);
    }),
  );

  test(
    'a raw connection that is given up before it opens closes once, later',
    on(open, async (stage) => {
      await using server = await serve(stage, () => ok(bytes('')));
      const { connection, seen } = raw(stage, server.address);
      connection.terminate();
      connection.terminate();
      expect(seen.closed).toBe(0);
      await stage.until(() => seen.closed === 1);
      await stage.pause();
      expect(seen).toEqual({ opened: 0, closed: 1, received: '' });
    }),
  );

  test(
    'a raw connection to nobody closes without having opened',
    on(open, async (stage) => {
      const server = await serve(stage, () => ok(bytes('')));
      await server[Symbol.asyncDispose]();
      const { connection, seen } = raw(stage, server.address);
      connection.write(bytes('queued'));
      await stage.until(() => seen.closed === 1);
      await stage.pause();
      expect(seen).toEqual({ opened: 0, closed: 1, received: '' });
    }),
  );
}

export interface Raw {
  /** Whether its end was clean. */
  readonly ends: readonly boolean[];
  readonly connection: ByteConnection;
  readonly seen: { opened: number; closed: number; received: string };
}

export const statuses = ({ received }: Raw['seen']): readonly string[] =>
  received.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];

export function raw(stage: NetworkStage, address: string): Raw {
  const ends: boolean[] = [];
  const seen = { opened: 0, closed: 0, received: '' };
  const connection = stage.world.client.connect(address, {
    onOpen: () => (seen.opened += 1),
    onBytes: (data) => (seen.received += text(data)),
    onClose: (_reason, clean) => {
      seen.closed += 1;
      ends.push(clean);
    },
  });
  return { connection, seen, ends };
}

/** How connections end, which those over TLS do not tell. */
export function describeEnds(name: string, open: OpenNetworks): void {
  test(
    `${name}: the end of a raw connection is clean if the peer made it, and not if it is ours`,
    on(open, async (stage) => {
      await using server = await serve(stage, () => ok(bytes('whole')));
      const [whole, ours] = [raw(stage, server.address), raw(stage, server.address)];
      whole.connection.write(bytes('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
      await stage.until(() => ours.seen.opened === 1);
      ours.connection.terminate();
      await stage.until(() => whole.seen.closed + ours.seen.closed === 2);
      expect([whole.ends, ours.ends]).toEqual([[true], [false]]);
      expect(whole.seen.received.endsWith('whole')).toBe(true);
    }),
  );

  test(
    `${name}: the end of a raw connection that was reset is not clean`,
    on(open, async (stage) => {
      const pipe = new Pipe();
      await using server = await serve(stage, () => ok(pipe.reader));
      const { connection, seen, ends } = raw(stage, server.address);
      connection.write(bytes('GET / HTTP/1.0\r\n\r\n'));
      pipe.writer.write(bytes('half'));
      await stage.until(() => seen.received.includes('half'));
      pipe.writer.fail(new Error('broken'));
      await stage.until(() => seen.closed === 1);
      expect(ends).toEqual([false]);
    }),
  );
}
