import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../libprocess/clock.ts';
import type { Disk } from '../../libprocess/disk.ts';
import { NetworkError } from '../../libprocess/errors.ts';
import { readAll, redirect } from '../../libprocess/io/redirect.ts';
import type { ServerSocket, Socket, SocketAddress, Sockets } from '../../libprocess/io/sockets.ts';
import { bytes, rejection, text, type Subject } from './subject.ts';

export interface SocketSubject extends Subject<Sockets> {
  readonly clock: Clock;
  readonly disk: Disk;
  /** An existing directory for unix sockets. */
  readonly root: string;
}

export type OpenSockets = () => Promise<SocketSubject>;

const FAMILIES = ['inet', 'inet6', 'unix'] as const;

/** One test's world, and the sockets that it opened. */
class Stage {
  readonly world: SocketSubject;

  constructor(world: SocketSubject) {
    this.world = world;
  }

  place(family: (typeof FAMILIES)[number]): SocketAddress {
    if (family === 'unix') return { path: `${this.world.root}/socket` };
    return { ip: family === 'inet' ? '127.0.0.1' : '::1', port: 0 };
  }

  async pair(
    family: (typeof FAMILIES)[number] = 'inet',
  ): Promise<{ server: ServerSocket; client: Socket; accepted: Socket }> {
    const { it: sockets } = this.world;
    const server = await sockets.listen(this.place(family));
    const accepting = server.accept();
    const client = await sockets.connect(server.address, { timeoutMs: Infinity });
    return { server, client, accepted: await accepting };
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => void this.world.clock.timer(5, resolve));
    }
  }
}

function on(open: OpenSockets, body: (stage: Stage) => Promise<void>): () => Promise<void> {
  return async () => {
    await using subject = await open();
    await subject.complete(body(new Stage(subject)));
  };
}

/** The contract of `Sockets`. */
export function describeSockets(name: string, open: OpenSockets): void {
  describe(`${name} are Sockets`, () => {
    describeTalk(open);
    describeEnds(open);
    describePlaces(open);
    describeAccept(open);
  });
}

function describeTalk(open: OpenSockets): void {
  test.each(FAMILIES)('of the %s family talk both ways, in order [ac5dafa]', (family) =>
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair(family);
      await client.write(bytes('one '));
      await client.write(bytes('two'));
      await accepted.write(bytes('three'));
      await client.end();
      await accepted.end();
      expect(text(await readAll(accepted))).toBe('one two');
      expect(text(await readAll(client))).toBe('three');
      await server[Symbol.asyncDispose]();
    })(),
  );

  test(
    'carry much, and hold back who writes faster than is read',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      const piece = new Uint8Array(1_000_000).map((_, index) => index % 251);
      const writes = Array.from({ length: 20 }, () => client.write(piece));
      expect(writes.at(-1)?.isPending).toBe(true);
      const end = client.end();
      let length = 0;
      const check = (chunk: Uint8Array): void => {
        for (const byte of chunk)
          if (byte !== (length++ % 1_000_000) % 251) throw new Error('wrong');
      };
      await redirect(accepted, undefined, { hooks: [check] });
      expect(length).toBe(20_000_000);
      await end;
      accepted.close();
      client.close();
      await server[Symbol.asyncDispose]();
    }),
  );

  test(
    'know where they are and who is there',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      expect(server.address).toMatchObject({ ip: '127.0.0.1' });
      expect(client.peer).toEqual(server.address);
      expect(accepted.local).toEqual(server.address);
      expect(accepted.peer).toEqual(client.local);
      client.close();
      accepted.close();
      await server[Symbol.asyncDispose]();
    }),
  );
}

function describeEnds(open: OpenSockets): void {
  test(
    'end what one side says while the other goes on',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      await client.write(bytes('question'));
      await client.end();
      expect(text(await readAll(accepted))).toBe('question');
      await accepted.write(bytes('answer'));
      await accepted.end();
      expect(text(await readAll(client))).toBe('answer');
      expect(await rejection(client.write(bytes('more')))).toMatchObject({ code: 'EPIPE' });
      await server[Symbol.asyncDispose]();
    }),
  );

  test(
    'tell a reader who comes after the peer has closed [fa0a63d]',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      await client.write(bytes('last'));
      await client.end();
      await accepted.poll();
      expect(text(await accepted.read())).toBe('last');
      expect(await accepted.read()).toHaveLength(0);
      expect(await accepted.read()).toHaveLength(0);
      accepted.close();
      await server[Symbol.asyncDispose]();
    }),
  );

  test(
    'tell a reader who waits when the peer closes [86bf0f0]',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      const waiting = accepted.read();
      client.close();
      expect(await waiting).toHaveLength(0);
      accepted.close();
      await server[Symbol.asyncDispose]();
    }),
  );

  test(
    'fail to write, at some time, when nobody is there any more',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      accepted.close();
      let failure: unknown;
      await stage.until(() => {
        client.write(bytes('x')).onFailed((error) => (failure ??= error));
        return failure !== undefined;
      });
      expect(failure).toBeInstanceOf(NetworkError);
      expect(['EPIPE', 'ECONNRESET']).toContain((failure as NetworkError).code);
      await server[Symbol.asyncDispose]();
    }),
  );

  test(
    'discard what waits when they are closed here',
    on(open, async (stage) => {
      const { server, client, accepted } = await stage.pair();
      const waiting = client.read();
      client.close();
      expect(waiting.isDiscarded).toBe(true);
      expect(await accepted.read()).toHaveLength(0);
      accepted.close();
      await server[Symbol.asyncDispose]();
    }),
  );
}

function describePlaces(open: OpenSockets): void {
  test.each(FAMILIES)(
    'of the %s family have a place to themselves, until they give it up',
    (family) =>
      on(open, async (stage) => {
        const { it: sockets } = stage.world;
        const first = await sockets.listen(stage.place(family));
        const taken = await rejection(sockets.listen(first.address));
        expect(taken).toBeInstanceOf(NetworkError);
        expect(taken).toMatchObject({ code: 'EADDRINUSE' });
        await first[Symbol.asyncDispose]();
        const second = await sockets.listen(first.address);
        expect(second.address).toEqual(first.address);
        await second[Symbol.asyncDispose]();
      })(),
  );

  test(
    'are refused where nobody listens',
    on(open, async (stage) => {
      const { it: sockets, root } = stage.world;
      const server = await sockets.listen(stage.place('inet'));
      await server[Symbol.asyncDispose]();
      const refused = await rejection(sockets.connect(server.address));
      expect(refused).toBeInstanceOf(NetworkError);
      expect(refused).toMatchObject({
        code: 'ECONNREFUSED',
        message: expect.stringMatching(
          /^Failed to connect to '127.0.0.1:\d+': connection refused$/,
        ),
      });
      const missing = await rejection(sockets.connect({ path: `${root}/nothing` }));
      const message = `Failed to connect to '${root}/nothing': no such file or directory`;
      expect(missing).toMatchObject({ code: 'ENOENT', message });
    }),
  );

  test(
    'have addresses that could be some',
    on(open, async (stage) => {
      const { it: sockets } = stage.world;
      for (const [address, reason] of [
        [{ ip: 'localhost', port: 80 }, 'no IP address: names are for others to look up'],
        [{ ip: '300.0.0.1', port: 80 }, 'no IP address: names are for others to look up'],
        [{ ip: '127.0.0.1', port: 65_536 }, 'no port'],
        [{ path: 'relative' }, 'the path is not absolute'],
        [{ path: `/${'x'.repeat(200)}` }, 'the path is above 107 bytes'],
      ] as const) {
        for (const attempt of [sockets.listen(address), sockets.connect(address)]) {
          expect(await rejection(attempt)).toMatchObject({
            code: 'EINVAL',
            message: expect.stringContaining(reason),
          });
        }
      }
    }),
  );
}

function describeAccept(open: OpenSockets): void {
  test(
    'wait to be accepted, as many as the backlog says',
    on(open, async (stage) => {
      const { it: sockets } = stage.world;
      const server = await sockets.listen(stage.place('inet'), { backlog: 2 });
      const clients: Socket[] = [];
      for (let index = 0; index < 3; index += 1)
        clients.push(await sockets.connect(server.address));
      // One too many: it is told so by its end.
      expect(await clients[2]?.read()).toHaveLength(0);
      for (const client of clients.slice(0, 2)) {
        expect((await server.accept()).peer).toEqual(client.local);
      }
      await server[Symbol.asyncDispose]();
      for (const client of clients) client.close();
    }),
  );

  test(
    'go to the next who waits when one no longer does',
    on(open, async (stage) => {
      const { it: sockets } = stage.world;
      const server = await sockets.listen(stage.place('inet'));
      const gone = server.accept();
      const accepting = server.accept();
      gone.discard();
      const client = await sockets.connect(server.address);
      expect((await accepting).peer).toEqual(client.local);
      expect(gone.isDiscarded).toBe(true);
      const last = server.accept();
      await server[Symbol.asyncDispose]();
      expect(last.isDiscarded).toBe(true);
      expect(await rejection(server.accept())).toMatchObject({ code: 'EINVAL' });
      client.close();
    }),
  );

  test(
    'are given up by who no longer wants to connect',
    on(open, async (stage) => {
      const { it: sockets } = stage.world;
      const server = await sockets.listen(stage.place('inet'));
      const attempt = sockets.connect(server.address);
      attempt.discard();
      expect(attempt.isDiscarded).toBe(true);
      await server[Symbol.asyncDispose]();
    }),
  );
}
