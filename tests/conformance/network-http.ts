import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { NetworkError } from '../../libprocess/errors.ts';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import { drain, Pipe, type PipeReader } from '../../libprocess/http/pipe.ts';
import { GET, ok, serve, on, type OpenNetworks } from './network-stage.ts';
import { bytes, rejection, text } from './subject.ts';

/** HTTP between two nodes. */
export function describeHttp(open: OpenNetworks): void {
  describeWhole(open);
  describeStreams(open);
  describeFailures(open);
}

/** Collects a streaming body. */
class Collected {
  received = '';
  ended = false;
  aborted = false;
  error: unknown;
  readonly reader: PipeReader;

  constructor(reader: PipeReader) {
    this.reader = reader;
    drain(reader, {
      write: (chunk) => {
        this.received += text(chunk);
        return true;
      },
      end: () => (this.ended = true),
      fail: (error) => {
        this.aborted = true;
        this.error = error;
      },
    });
  }
}

function stream({ body }: Response): Collected {
  if (body instanceof Uint8Array) throw new Error('Expected a streaming body');
  return new Collected(body);
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
    'what is no answer is a 500',
    on(open, async (stage) => {
      const { reader, writer } = new Pipe();
      const answers: unknown[] = [
        undefined,
        'text',
        {},
        { status: 200, headers: {} },
        { status: 99, headers: {}, body: bytes('') },
        { status: 0, headers: {}, body: reader },
      ];
      await using server = await serve(stage, ({ path }) =>
        Future.ready(answers[Number(path.slice(1))] as Response),
      );
      for (const at of answers.keys()) {
        expect((await server.ask({ ...GET, path: `/${at}` })).status).toBe(500);
      }
      expect(writer.readerClosed().isReady).toBe(true);
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
    'a streaming body is read as it is written [f02da0c]',
    on(open, async (stage) => {
      const pipe = new Pipe();
      await using server = await serve(stage, () => ok(pipe.reader));
      pipe.writer.write(bytes('first '));
      const read = stream(await server.ask());
      await stage.until(() => read.received === 'first ');
      pipe.writer.write(bytes('second'));
      await stage.until(() => read.received === 'first second');
      expect(read.ended).toBe(false);
      pipe.writer.close();
      expect(pipe.writer.write(bytes('too late'))).toBe(false);
      await stage.until(() => read.ended);
      expect(read).toMatchObject({ received: 'first second', aborted: false });
    }),
  );

  test(
    'a body that breaks off is told from one that ends [800d3dd]',
    on(open, async (stage) => {
      const pipe = new Pipe();
      await using server = await serve(stage, () => ok(pipe.reader));
      pipe.writer.write(bytes('half'));
      const read = stream(await server.ask());
      await stage.until(() => read.received === 'half');
      pipe.writer.fail(new Error('no more'));
      await stage.until(() => read.aborted);
      expect(read.ended).toBe(false);
      expect(read.error).toBeInstanceOf(NetworkError);
    }),
  );

  test(
    'a reader that gives up is noticed by the writer, whether by signal or by closing',
    on(open, async (stage) => {
      for (const how of ['signal', 'close']) {
        const pipe = new Pipe();
        await using server = await serve(stage, () => ok(pipe.reader));
        pipe.writer.write(bytes('x'));
        const control = new AbortController();
        const options = { timeoutMs: 5_000, signal: control.signal };
        const read = stream(await stage.world.client.request(server.address, GET, options));
        await stage.until(() => read.received === 'x');
        if (how === 'signal') control.abort();
        else read.reader.close();
        await stage.until(() => pipe.writer.readerClosed().isReady && read.aborted);
      }
    }),
  );

  test(
    'a stream whose reader does not read holds its writer back',
    on(open, async (stage) => {
      const pipe = new Pipe();
      await using server = await serve(stage, () => ok(pipe.reader));
      const { body } = await server.ask();
      if (body instanceof Uint8Array) throw new Error('Expected a streaming body');
      // More than all buffers on the way hold.
      for (let n = 0; n < 512; n += 1) pipe.writer.write(new Uint8Array(64 * 1_024));
      pipe.writer.close();
      await stage.pause();
      expect(pipe.writer.bufferedBytes).toBeGreaterThan(1_024 * 1_024);
      expect((await body.readAll()).byteLength).toBe(32 * 1_024 * 1_024);
    }),
  );

  test(
    'a request streams to an acceptor that wants it so, and is collected for others [96f94f3]',
    on(open, async (stage) => {
      const seen: string[] = [];
      const answers: Collected[] = [];
      const done = new FuturePromise<Response>();
      const listener = await stage.listen({
        streams: ({ path }) => path === '/streams',
        request: ({ path, body, reader }) => {
          seen.push(`${path} ${text(body)} ${reader === undefined}`);
          if (reader) answers.push(new Collected(reader));
          return reader ? done.future : ok(bytes(''));
        },
      });
      const address = stage.addressOf(listener.port);
      const { reader, writer } = new Pipe();
      const ask = { ...GET, method: 'POST', path: '/streams', reader };
      const answered = stage.world.client.request(address, ask, { timeoutMs: 5_000 });
      writer.write(bytes('one '));
      await stage.until(() => answers[0]?.received === 'one ');
      writer.write(bytes('two'));
      await stage.until(() => answers[0]?.received === 'one two');
      writer.close();
      await stage.until(() => answers[0]?.ended === true);
      done.set({ status: 201, headers: {}, body: bytes('') });
      expect((await answered).status).toBe(201);
      const other = new Pipe();
      other.writer.write(bytes('whole'));
      other.writer.close();
      const collected = { ...GET, method: 'POST', path: '/whole', reader: other.reader };
      await stage.world.client.request(address, collected, { timeoutMs: 5_000 });
      expect(seen).toEqual(['/streams  false', '/whole whole true']);
      await listener[Symbol.asyncDispose]();
    }),
  );

  test(
    'a streaming request that breaks off is no end',
    on(open, async (stage) => {
      const read: Collected[] = [];
      const listener = await stage.listen({
        streams: () => true,
        request: ({ reader }) => {
          if (reader) read.push(new Collected(reader));
          return new FuturePromise<Response>().future;
        },
      });
      const { reader, writer } = new Pipe();
      const ask = { ...GET, method: 'POST', reader };
      const address = stage.addressOf(listener.port);
      const answered = stage.world.client.request(address, ask, { timeoutMs: 5_000 });
      writer.write(bytes('half'));
      await stage.until(() => read[0]?.received === 'half');
      writer.fail(new Error('no more'));
      await stage.until(() => read[0]?.aborted === true);
      expect(await rejection(answered)).toBeInstanceOf(NetworkError);
      await listener[Symbol.asyncDispose]();
    }),
  );

  test(
    'a body in gzip is plain to whoever reads it, and one that expands beyond reason is refused [20ea6d4]',
    on(open, async (stage) => {
      const seen: Request[] = [];
      await using server = await serve(stage, (request) => {
        seen.push(request);
        return ok(bytes(''));
      });
      const gzip = (body: Uint8Array) => ({
        method: 'POST',
        headers: { 'content-encoding': 'gzip' },
        body: new Uint8Array(gzipSync(body)),
      });
      expect((await server.ask(gzip(bytes('plain')))).status).toBe(200);
      expect(text(seen[0]?.body ?? new Uint8Array(0))).toBe('plain');
      expect(seen[0]?.headers['content-encoding']).toBeUndefined();
      expect((await server.ask(gzip(new Uint8Array(4 * 1_024 * 1_024)))).status).toBe(413);
      const torn = { ...gzip(bytes('plain')), body: bytes('no gzip') };
      expect((await server.ask(torn)).status).toBe(400);
      expect(seen).toHaveLength(1);
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
    'a request that would be another one on the wire, or two, is never sent',
    on(open, async (stage) => {
      let asked = 0;
      await using server = await serve(stage, () => {
        asked += 1;
        return ok(bytes(''));
      });
      for (const bad of [
        { path: '/a b' },
        { path: '/a\r\nX: y' },
        { path: 'a' },
        { path: '/a#b' },
        { method: 'GET /x' },
        { headers: { 'x-a': 'b\r\nc: d' } },
        { headers: { 'x a': 'b' } },
      ]) {
        const { reader, writer } = new Pipe();
        const error = await rejection(server.ask({ ...bad, reader }));
        expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        expect(error).toBeInstanceOf(NetworkError);
        expect(writer.write(bytes('lost'))).toBe(false);
      }
      expect(asked).toBe(0);
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
    'a request whose client goes away is asked to be given up [a195105]',
    on(open, async (stage) => {
      const unanswered = new FuturePromise<Response>();
      await using server = await serve(stage, () => unanswered.future);
      const asked = server.ask();
      await stage.pause();
      asked.discard();
      await stage.until(() => unanswered.future.hasDiscard);
      unanswered.discard();
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
