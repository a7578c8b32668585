import { expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../../../libprocess/future.ts';
import { HttpConnection } from '../../../libprocess/http/client/connection.ts';
import { get, post, put, requestDelete } from '../../../libprocess/http/client/http-client.ts';
import type { Request, Response } from '../../../libprocess/http/http.ts';
import { Pipe } from '../../../libprocess/http/pipe.ts';
import { type NetworkStage, on, type OpenNetworks } from '../network-stage.ts';
import { bytes, rejection, text } from '../subject.ts';

type Ask = Omit<Request, 'remoteAddress'>;

const ask = (path: string, more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  path,
  query: {},
  headers: {},
  body: new Uint8Array(0),
  ...more,
});
const ok = (body: Response['body'], headers = {}): Response => ({ status: 200, headers, body });
const bodyOf = ({ body }: Response): string => {
  if (!(body instanceof Uint8Array)) throw new Error('The body streams');
  return text(body);
};

interface Bench {
  readonly address: string;
  readonly connection: HttpConnection;
  readonly asked: Request[];
  readonly answers: FuturePromise<Response>[];
}

/** A server that answers when it is told, and a connection to it. */
async function bench(stage: NetworkStage): Promise<Bench> {
  const asked: Request[] = [];
  const answers: FuturePromise<Response>[] = [];
  const listener = await stage.listen({
    streams: ({ path }) => path === '/streams',
    request: (request) => {
      asked.push(request);
      const promise = new FuturePromise<Response>();
      promise.future.onDiscard(() => promise.discard());
      answers.push(promise);
      return promise.future;
    },
  });
  stage.closing(listener);
  const address = stage.addressOf(listener.port);
  const { client: network, clock } = stage.world;
  const connection = await HttpConnection.connect({ network, clock, address });
  stage.closing(connection);
  return { address, connection, asked, answers };
}

/** One connection of a client, whose requests leave and are answered in order. */
export function describeHttpConnection(open: OpenNetworks): void {
  test(
    'requests one after the other, a stream among them, and none after the end [52a0173]',
    on(open, async (stage) => {
      const { connection, answers } = await bench(stage);
      const first = connection.send(ask('/1'));
      await stage.until(() => answers.length === 1);
      answers[0]?.set(ok(bytes('one')));
      expect(bodyOf(await first)).toBe('one');
      const second = connection.send(ask('/2'));
      await stage.until(() => answers.length === 2);
      const pipe = new Pipe();
      answers[1]?.set(ok(pipe.reader));
      const { body } = await second;
      pipe.writer.write(bytes('tw'));
      pipe.writer.write(bytes('o'));
      pipe.writer.close();
      if (body instanceof Uint8Array) throw new Error('The body is whole');
      expect(text(await body.readAll())).toBe('two');
      connection.disconnect();
      await connection.disconnected;
      expect(await rejection(connection.send(ask('/3')))).toMatchObject({ code: 'ECONNRESET' });
    }),
  );

  test(
    'requests that do not wait are answered in their order, whichever is ready first [cba5e0f]',
    on(open, async (stage) => {
      const { connection, asked, answers } = await bench(stage);
      const sent = ['/1', '/2', '/3'].map((path) => connection.send(ask(path)));
      await stage.until(() => answers.length === 3);
      for (const at of [2, 0, 1]) answers[at]?.set(ok(bytes(`answer to ${asked[at]?.path ?? ''}`)));
      const got: string[] = [];
      for (const each of sent) got.push(bodyOf(await each));
      expect(got).toEqual(['/1', '/2', '/3'].map((path) => `answer to ${path}`));
    }),
  );

  test(
    'a request that says close is the last; both are answered [8d6663d]',
    on(open, async (stage) => {
      const { connection, answers } = await bench(stage);
      const first = connection.send(ask('/1'));
      const second = connection.send(ask('/2', { headers: { connection: 'close' } }));
      expect(await rejection(connection.send(ask('/3')))).toMatchObject({ code: 'ECONNRESET' });
      await stage.until(() => answers.length === 2);
      for (const answer of answers) answer.set(ok(bytes('fine')));
      expect([bodyOf(await first), bodyOf(await second)]).toEqual(['fine', 'fine']);
      await connection.disconnected;
    }),
  );

  test(
    'an answer that says close ends the connection, and what waits behind it fails [34b69c2]',
    on(open, async (stage) => {
      const { connection, answers } = await bench(stage);
      const first = connection.send(ask('/1'));
      const second = connection.send(ask('/2'));
      await stage.until(() => answers.length === 2);
      answers[0]?.set(ok(bytes('bye'), { connection: 'close' }));
      expect(bodyOf(await first)).toBe('bye');
      expect(await rejection(second)).toMatchObject({ code: 'ECONNRESET' });
      await connection.disconnected;
    }),
  );

  test(
    'a body streams before the next request leaves, and holds its writer back',
    on(open, async (stage) => {
      const { connection, asked, answers } = await bench(stage);
      const { reader, writer } = new Pipe();
      const first = connection.send(ask('/streams', { method: 'POST', reader }));
      const second = connection.send(ask('/2'));
      for (let n = 0; n < 256; n += 1) writer.write(new Uint8Array(64 * 1_024));
      await stage.until(() => asked.length === 1);
      await stage.pause();
      expect(writer.bufferedBytes).toBeGreaterThan(1_024 * 1_024);
      writer.close();
      expect((await asked[0]?.reader?.readAll())?.byteLength).toBe(16 * 1_024 * 1_024);
      await stage.until(() => asked.length === 2);
      for (const answer of answers) answer.set(ok(bytes('fine')));
      expect([bodyOf(await first), bodyOf(await second)]).toEqual(['fine', 'fine']);
    }),
  );

  test(
    'late answers end the connection, and discarded ones are dropped',
    on(open, async (stage) => {
      const { connection, answers } = await bench(stage);
      const dropped = connection.send(ask('/1'));
      const kept = connection.send(ask('/2'));
      await stage.until(() => answers.length === 2);
      dropped.discard();
      for (const answer of answers) answer.set(ok(bytes('fine')));
      expect(bodyOf(await kept)).toBe('fine');
      expect(dropped.isDiscarded).toBe(true);
      const late = connection.send(ask('/3'), { timeoutMs: 30 });
      expect(await rejection(late)).toMatchObject({ code: 'ETIMEDOUT' });
      await connection.disconnected;
    }),
  );

  test(
    'a request that would be two is never sent',
    on(open, async (stage) => {
      const { connection, asked } = await bench(stage);
      for (const bad of [
        ask('/a b'),
        ask('/a\r\nX: y'),
        ask('a'),
        ask('/', { method: 'GET /x' }),
        ask('/', { headers: { 'x-a': 'b\r\nc: d' } }),
        ask('/', { headers: { 'x a': 'b' } }),
      ]) {
        expect(await rejection(connection.send(bad))).toMatchObject({ code: 'BAD_REQUEST' });
      }
      expect(asked).toEqual([]);
    }),
  );

  test(
    'nobody there, and an address that does not answer, fail to connect',
    on(open, async (stage) => {
      const { address } = await bench(stage);
      await stage.close();
      const { client: network, clock } = stage.world;
      const failed = await rejection(HttpConnection.connect({ network, clock, address }));
      expect(failed).toMatchObject({ code: 'ECONNREFUSED' });
    }),
  );

  test(
    'get, post, put and delete ask a URL [b2a6a5e, 38d84b1, 1fec8f6]',
    on(open, async (stage) => {
      const asked: Request[] = [];
      const listener = await stage.listen({
        request: (request) => {
          asked.push(request);
          return Future.ready(ok(bytes('fine')));
        },
      });
      stage.closing(listener);
      const url = `http://${stage.addressOf(listener.port)}/a%2Fb?x=1%202`;
      const { client } = stage.world;
      const options = { query: { y: 'ü&=' }, headers: { 'x-z': '1' } };
      expect(bodyOf(await get(client, url, options))).toBe('fine');
      await post(client, url, { body: 'text', contentType: 'text/plain' });
      await put(client, url, { body: bytes('bytes') });
      await requestDelete(client, url);
      const { reader, writer } = new Pipe();
      writer.write(bytes('piped'));
      writer.close();
      await post(client, url, { body: reader });
      expect(asked.map(({ method, path, body }) => [method, path, text(body)])).toEqual([
        ['GET', '/a%2Fb', ''],
        ['POST', '/a%2Fb', 'text'],
        ['PUT', '/a%2Fb', 'bytes'],
        ['DELETE', '/a%2Fb', ''],
        ['POST', '/a%2Fb', 'piped'],
      ]);
      expect({ ...asked[0]?.query }).toEqual({ x: '1 2', y: 'ü&=' });
      expect(asked[0]?.headers['x-z']).toBe('1');
      expect(asked[1]?.headers['content-type']).toBe('text/plain');
      const given = new Pipe();
      expect(await rejection(post(client, 'ftp://x/', { body: given.reader }))).toBeDefined();
      expect(given.writer.readerClosed().isReady).toBe(true);
      for (const bad of ['ftp://x/', 'nonsense']) {
        expect(await rejection(get(client, bad))).toMatchObject({ code: 'BAD_URL' });
      }
      expect(await rejection(post(client, url, { contentType: 'text/plain' }))).toMatchObject({
        code: 'BAD_URL',
      });
    }),
  );
}
