import { expect, test } from '@jest/globals';
import { NetworkError } from '../../libprocess/errors.ts';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import type { BodyWriter, Request, Response } from '../../libprocess/http/http.ts';
import type { ByteConnection } from '../../libprocess/network.ts';
import { type NetworkStage, on, type OpenNetworks } from './network-stage.ts';
import { bytes, rejection, text } from './subject.ts';

/** HTTP between two nodes, and raw bytes to one. */
export function describeHttp(open: OpenNetworks): void {
  describeWhole(open);
  describeStreams(open);
  describeFailures(open);
  describeBytes(open);
}

type Ask = Omit<Request, 'remoteAddress'>;
const GET: Ask = { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };

const ok = (body: Response['body'], headers = {}): Future<Response> =>
  Future.ready({ status: 200, headers, body });

/** Serves `answer` and returns what asks for it. */
async function serve(
  stage: NetworkStage,
  answer: (request: Request) => Future<Response>,
): Promise<
  AsyncDisposable & { readonly address: string; ask(ask?: Partial<Ask>): Future<Response> }
> {
  const listener = await stage.listen({ request: answer });
  const address = stage.addressOf(listener.port);
  return {
    address,
    ask: (ask = {}) =>
      stage.world.client.request(address, { ...GET, ...ask }, { timeoutMs: 5_000 }),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** Collects a streaming body. */
class Reader implements BodyWriter {
  readonly bufferedBytes = 0;
  received = '';
  ended = false;
  aborted = false;
  write(chunk: Uint8Array): void {
    this.received += text(chunk);
  }
  end(): void {
    this.ended = true;
  }
  abort(): void {
    this.aborted = true;
  }
  onClose(): void {
    // Nobody ends this reader before its time.
  }
}

function stream({ body }: Response): Reader {
  if (typeof body !== 'function') throw new Error('Expected a streaming body');
  const reader = new Reader();
  body(reader);
  return reader;
}

function describeWhole(open: OpenNetworks): void {
  test(
    'a request arrives as it was made, and so does its answer',
    on(open, async (stage) => {
      const requests: Request[] = [];
      await using server = await serve(stage, (request) => {
        requests.push(request);
        return ok(bytes('answer'), { 'x-answer': 'yes' });
      });
      const ask = {
        method: 'POST',
        path: '/master/api%2Fv1',
        query: { a: '1 & 2', b: 'ü' },
        headers: { 'x-ask': 'now' },
        body: bytes('question'),
      };
      const response = await server.ask(ask);
      expect(response.status).toBe(200);
      expect(response.headers['x-answer']).toBe('yes');
      expect(response.body).toBeInstanceOf(Uint8Array);
      expect(text(response.body as Uint8Array)).toBe('answer');
      const [request] = requests;
      expect(request).toMatchObject({ method: 'POST', path: '/master/api%2Fv1', query: ask.query });
      expect(request?.headers['x-ask']).toBe('now');
      expect(text(request?.body ?? new Uint8Array(0))).toBe('question');
      expect(request?.remoteAddress).toMatch(/^[\d.]+:\d+$/);
    }),
  );

  test(
    'an answer may take its time, and may be empty',
    on(open, async (stage) => {
      const later = new FuturePromise<Response>();
      await using server = await serve(stage, () => later.future);
      stage.world.clock.timer(20, () =>
        later.set({ status: 202, headers: {}, body: new Uint8Array(0) }),
      );
      const response = await server.ask();
      expect(response.status).toBe(202);
      expect(response.body).toHaveLength(0);
    }),
  );

  test(
    'an answer that fails or is discarded is a 500',
    on(open, async (stage) => {
      for (const answer of [Future.failed(new Error('broken')), Future.discarded()]) {
        await using server = await serve(stage, () => answer);
        expect((await server.ask()).status).toBe(500);
      }
    }),
  );
}

function describeStreams(open: OpenNetworks): void {
  test(
    'a streaming body is read as it is written',
    on(open, async (stage) => {
      const writers: BodyWriter[] = [];
      let closed = 0;
      await using server = await serve(stage, () =>
        ok((writer) => {
          writers.push(writer);
          writer.onClose(() => (closed += 1));
          writer.write(bytes('first '));
        }),
      );
      const reader = stream(await server.ask());
      await stage.until(() => reader.received === 'first ');
      writers[0]?.write(bytes('second'));
      await stage.until(() => reader.received === 'first second');
      expect(reader.ended).toBe(false);
      writers[0]?.end();
      writers[0]?.write(bytes('too late'));
      await stage.until(() => reader.ended && closed === 1);
      expect(reader).toMatchObject({ received: 'first second', aborted: false });
    }),
  );

  test(
    'a body that breaks off is told from one that ends',
    on(open, async (stage) => {
      const writers: BodyWriter[] = [];
      await using server = await serve(stage, () =>
        ok((writer) => {
          writers.push(writer);
          writer.write(bytes('half'));
        }),
      );
      const reader = stream(await server.ask());
      await stage.until(() => reader.received === 'half');
      writers[0]?.abort('no more');
      await stage.until(() => reader.aborted);
      expect(reader.ended).toBe(false);
    }),
  );

  test(
    'a reader that gives up is noticed by the writer',
    on(open, async (stage) => {
      let closed = 0;
      await using server = await serve(stage, () =>
        ok((writer) => {
          writer.onClose(() => (closed += 1));
          writer.write(bytes('x'));
        }),
      );
      const control = new AbortController();
      const options = { timeoutMs: 5_000, signal: control.signal };
      const reader = stream(await stage.world.client.request(server.address, GET, options));
      await stage.until(() => reader.received === 'x');
      control.abort();
      await stage.until(() => closed === 1 && reader.aborted);
    }),
  );
}

function describeFailures(open: OpenNetworks): void {
  test(
    'nobody there is a refused connection',
    on(open, async (stage) => {
      const server = await serve(stage, () => ok(bytes('')));
      await server[Symbol.asyncDispose]();
      const error = await rejection(server.ask());
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }),
  );

  test(
    'no answer in time is a time-out, and the server may give up too',
    on(open, async (stage) => {
      const never = new FuturePromise<Response>();
      const listener = await stage.listen({ request: () => never.future });
      const address = stage.addressOf(listener.port);
      const error = await rejection(stage.world.client.request(address, GET, { timeoutMs: 30 }));
      expect(error).toMatchObject({ code: 'ETIMEDOUT' });
      never.discard();
      await listener[Symbol.asyncDispose]();
    }),
  );

  test(
    'a request can be given up by signal or by discard',
    on(open, async (stage) => {
      const never = new FuturePromise<Response>();
      await using server = await serve(stage, () => never.future);
      const control = new AbortController();
      const options = { timeoutMs: 5_000, signal: control.signal };
      const signalled = stage.world.client.request(server.address, GET, options);
      control.abort();
      expect(await rejection(signalled)).toBeInstanceOf(NetworkError);
      const late = await rejection(stage.world.client.request(server.address, GET, options));
      expect(late).toBeInstanceOf(NetworkError);
      const discarded = server.ask();
      discarded.discard();
      await stage.until(() => !discarded.isPending);
      expect(discarded.isDiscarded).toBe(true);
      never.discard();
    }),
  );
}

function describeBytes(open: OpenNetworks): void {
  const post = (path: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  function raw(stage: NetworkStage, address: string): Raw {
    const seen = { opened: 0, closed: 0, received: '' };
    const connection = stage.world.client.connect(address, {
      onOpen: () => (seen.opened += 1),
      onBytes: (data) => (seen.received += text(data)),
      onClose: () => (seen.closed += 1),
    });
    return { connection, seen };
  }

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

interface Raw {
  readonly connection: ByteConnection;
  readonly seen: { opened: number; closed: number; received: string };
}
