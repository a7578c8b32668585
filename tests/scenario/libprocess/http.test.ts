import { describe, expect, test } from '@jest/globals';
import {
  Pipe,
  Process,
  startNode,
  text,
  type ByteConnection,
  type PipeReader,
  type ProcessManager,
  type Response,
} from '../../../libprocess/index.ts';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';

const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const PARTS = ['one', 'two', 'three'];

class Server extends Process {
  readonly asked: string[] = [];

  constructor() {
    super('server');
    this.route('/', () => text(200, 'root'));
    this.route('/body', ({ path }) => {
      this.asked.push(path);
      return text(200, 'body');
    });
    this.route('/body/part', () => text(200, 'part'));
    this.route('/slow', () => this.async(() => text(200, 'slow')));
    this.route('/broken', () => {
      throw new Error('the secret is 42');
    });
    this.route('/failed', () =>
      this.async(() => Promise.reject<Response>(new Error('the secret is 42'))),
    );
    this.route('/stream', () => ({ status: 200, headers: {}, body: parts() }));
  }
}

const parts = (): PipeReader => {
  const { reader, writer } = new Pipe();
  for (const part of PARTS) writer.write(encode(part));
  writer.close();
  return reader;
};

interface World {
  readonly sim: Simulation;
  readonly server: Server;
  readonly node: ProcessManager;
  readonly client: SimNode;
}

async function world(): Promise<World> {
  const sim = new Simulation();
  const os = sim.node();
  const node = await sim.complete(
    startNode({ runtime: os.runtime, ip: os.machine.ip, port: 5050 }),
  );
  const server = new Server();
  node.spawn(server);
  return { sim, server, node, client: sim.node() };
}

async function get({ sim, node, client }: World, path: string): Promise<Response> {
  const request = { method: 'GET', path, query: {}, headers: {}, body: new Uint8Array(0) };
  const { network } = client.runtime;
  return sim.complete(network.request(node.address, request, { timeoutMs: 5_000 }));
}

const bodyOf = ({ body }: Response): string => {
  if (!(body instanceof Uint8Array)) throw new Error('The body is in one piece');
  return decode(body);
};

describe('the routes of a process', () => {
  test.each([
    ['/server', 'root'],
    ['/server/', 'root'],
    ['/server/elsewhere', 'root'],
    ['/server/body', 'body'],
    ['/server/body/', 'body'],
    ['/server/body/more', 'body'],
    ['/server/body/part', 'part'],
    ['/server/body/part/', 'part'],
  ])(
    'answer %s by the longest that fits, with a slash or without [4c14505]',
    async (path, body) => {
      const response = await get(await world(), path);
      expect([response.status, bodyOf(response)]).toEqual([200, body]);
    },
  );

  test('are not found in a process that is not there', async () => {
    expect((await get(await world(), '/nobody')).status).toBe(404);
  });

  test.each(['/server/failed', '/server/broken'])(
    'answer 500 at %s without saying what only the log may tell [4c14505]',
    async (path) => {
      const all = await world();
      const response = await get(all, path);
      expect(response.status).toBe(500);
      expect(bodyOf(response)).not.toContain('secret');
      expect(JSON.stringify(all.sim.logs.map(({ fields }) => String(fields['error'])))).toContain(
        'the secret is 42',
      );
    },
  );

  test('stream a body in the chunks in which it is written [4c14505]', async () => {
    const all = await world();
    const { body } = await get(all, '/server/stream');
    if (body instanceof Uint8Array) throw new Error('The body is a stream');
    const chunks: string[] = [];
    const collect = async (): Promise<void> => {
      for await (const chunk of body) chunks.push(decode(chunk));
    };
    await all.sim.complete(collect());
    expect(chunks).toEqual(PARTS);
  });
});

/** A client that has one connection, and what came back on it. */
class Client {
  received = '';
  closed: string | undefined;
  readonly #connection: ByteConnection;

  constructor({ node, client }: World) {
    this.#connection = client.runtime.network.connect(node.address, {
      onOpen: () => undefined,
      onBytes: (bytes) => void (this.received += decode(bytes)),
      onClose: (reason) => void (this.closed = reason),
    });
  }

  get(...paths: string[]): void {
    const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    this.#connection.write(encode(requests.join('')));
  }

  close(): void {
    this.#connection.close();
  }

  get bodies(): string[] {
    const answers = this.received.split('HTTP/1.1 200').slice(1);
    return answers.map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));
  }
}

const STREAMED = '3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n';

describe('one connection of a client', () => {
  test('carries one request after the other, a stream among them, until it ends [52a0173]', async () => {
    const all = await world();
    const client = new Client(all);
    for (const [count, path] of ['/server/body', '/server/stream', '/server/slow'].entries()) {
      client.get(path);
      await all.sim.until(() => client.bodies.length > count, 5_000);
    }
    await all.sim.advance(100);
    expect(client.bodies).toEqual(['body', STREAMED, 'slow']);
    expect(client.closed).toBeUndefined();
    client.close();
    client.get('/server/body');
    await all.sim.advance(10_000);
    expect(client.closed).toBeDefined();
    expect(client.bodies).toHaveLength(3);
    expect(all.server.asked).toHaveLength(1);
  });

  test('gets its answers in the order of its requests, whichever is ready first [edb4479]', async () => {
    const all = await world();
    const client = new Client(all);
    client.get(
      '/server/slow',
      '/server/body',
      '/server/stream',
      '/server/slow',
      '/server/body/part',
    );
    await all.sim.until(() => client.received.endsWith('part'), 5_000);
    expect(client.bodies).toEqual(['slow', 'body', STREAMED, 'slow', 'part']);
  });
});
