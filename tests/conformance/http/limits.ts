import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { FuturePromise, type Future } from '../../../libprocess/future.ts';
import { HttpConnection } from '../../../libprocess/http/client/connection.ts';
import type { Response } from '../../../libprocess/http/http.ts';
import { Pipe } from '../../../libprocess/http/pipe.ts';
import { GET, ok, serve, on, type OpenNetworks } from '../network-stage.ts';
import { bytes, rejection, text } from '../subject.ts';

/** How long things may be, to the byte. */
export function describeLimits(open: OpenNetworks): void {
  describeTimeouts(open);
  const LIMIT = 50_000;
  /** That gzip does not make much smaller. */
  const noise = (length: number) => Uint8Array.from({ length }, (_, n) => (n * n * 31) >>> (n % 7));

  test(
    'an answer of the longest length is read whole, and one byte more is refused, in gzip too',
    on(open, async (stage) => {
      await using server = await serve(stage, ({ query }) => {
        const body = noise(Number(query['length']));
        return query['gzip'] === undefined
          ? ok(body, { 'content-encoding': 'identity' })
          : ok(new Uint8Array(gzipSync(body)), { 'content-encoding': 'gzip' });
      });
      const { client, clock } = stage.world;
      const options = { timeoutMs: 5_000, bodyBytesMax: LIMIT };
      const asking = (query: Readonly<Record<string, string>>): readonly Future<Response>[] => {
        const ask = { ...GET, query };
        const connected = HttpConnection.connect({
          network: client,
          clock,
          address: server.address,
        });
        return [
          client.request(server.address, ask, options),
          connected.then((connection) => {
            stage.closing(connection);
            return connection.send(ask, options);
          }),
        ];
      };
      for (const more of [{}, { gzip: 'yes' }]) {
        for (const most of asking({ length: String(LIMIT), ...more })) {
          const { body } = await most;
          expect(Buffer.compare(body as Uint8Array, noise(LIMIT))).toBe(0);
        }
        for (const over of asking({ length: String(LIMIT + 1), ...more })) {
          expect(await rejection(over)).toMatchObject({ code: 'EMSGSIZE' });
        }
      }
    }),
  );
}

function describeTimeouts(open: OpenNetworks): void {
  test.each([2 ** 31, 1e12, Infinity])(
    'an answer and its body may take their time where the limit is %d ms',
    async (timeoutMs) => {
      await on(open, async (stage) => {
        const { client, clock } = stage.world;
        await using server = await serve(stage, () => {
          const { reader, writer } = new Pipe();
          const promise = new FuturePromise<Response>();
          clock.timer(20, () => {
            promise.set({ status: 200, headers: { 'content-length': '4' }, body: reader });
            writer.write(bytes('on'));
            clock.timer(20, () => {
              writer.write(bytes('ce'));
              writer.close();
            });
          });
          return promise.future;
        });
        const connection = await HttpConnection.connect({
          network: client,
          clock,
          address: server.address,
        });
        stage.closing(connection);
        for (const asked of [
          client.request(server.address, GET, { timeoutMs }),
          connection.send(GET, { timeoutMs }),
        ]) {
          const { body } = await asked;
          expect(text(body instanceof Uint8Array ? body : await body.readAll())).toBe('once');
        }
      })();
    },
  );
}
