import type { Clock } from '../../libprocess/clock.ts';
import { Future } from '../../libprocess/future.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import type {
  Acceptor,
  Connection,
  ConnectionEvents,
  DialOutcome,
  Headers,
  Listener,
  Network,
  UpgradeRequest,
} from '../../libprocess/network.ts';
import { text, type Subject } from './subject.ts';

/** Two nodes on one network. */
export interface Networks {
  readonly server: Network;
  readonly client: Network;
  readonly serverIp: string;
  readonly clock: Clock;
}

export type OpenNetworks = () => Promise<Subject<Networks>>;

/** Wraps the body of a test: whatever it awaits moves the world on. */
export function on(
  open: OpenNetworks,
  body: (stage: NetworkStage) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using subject = await open();
    const stage = new NetworkStage(subject.it);
    await subject.complete(body(stage).finally(() => stage.close()));
  };
}

export interface Pair {
  readonly address: string;
  readonly client: Connection;
  readonly server: Connection;
  readonly request: UpgradeRequest;
  readonly headers: Headers;
  /** Texts of frames, `<pong>` and `<closed>`, in order. */
  readonly heard: { readonly client: string[]; readonly server: string[] };
  readonly frames: { readonly client: Uint8Array[]; readonly server: Uint8Array[] };
  readonly ends: { client: number; server: number };
}

export interface PairOptions {
  readonly headers?: Headers;
  /** Frames that the server sends in the turn in which it accepts. */
  readonly greet?: readonly string[];
}

/** One test's world, with what each test of the contract needs. */
export class NetworkStage {
  readonly world: Networks;
  readonly #cleanUp: Connection[] = [];
  readonly #listeners: AsyncDisposable[] = [];

  constructor(world: Networks) {
    this.world = world;
  }

  /** Closes it with the stage, last opened first. */
  closing(opened: AsyncDisposable): void {
    this.#listeners.unshift(opened);
  }

  addressOf(port: number): string {
    return `${this.world.serverIp}:${port}`;
  }

  acceptor(partial: Partial<Acceptor>): Acceptor {
    return {
      upgrade: () => ({ accept: false, status: 404, headers: {} }),
      request: () => Future.ready({ status: 404, headers: {}, body: new Uint8Array(0) }),
      ...partial,
    };
  }

  async listen(partial: Partial<Acceptor>, port = 0): Promise<Listener> {
    const { server, serverIp } = this.world;
    return await server.listen({ ip: serverIp, port }, this.acceptor(partial));
  }

  dial(address: string, events?: ConnectionEvents, headers: Headers = {}): Promise<DialOutcome> {
    const options = { address, path: '/link', headers, timeoutMs: 5_000 };
    return new Promise((resolve) => {
      this.world.client.dial(options, (outcome) => {
        resolve(outcome);
        return events;
      });
    });
  }

  /** Waits for what other nodes do; the test's own time limit bounds it. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#delay(2);
  }

  /** Long enough for anything that is under way to arrive. */
  pause(): Promise<void> {
    return this.#delay(60);
  }

  async pair({ headers = {}, greet = [] }: PairOptions): Promise<Pair> {
    const heard: Pair['heard'] = { client: [], server: [] };
    const frames: Pair['frames'] = { client: [], server: [] };
    const ends = { client: 0, server: 0 };
    const listen = (side: 'client' | 'server'): ConnectionEvents => ({
      onFrame: (frame) => {
        frames[side].push(frame);
        if (frame.byteLength < 1_000) heard[side].push(text(frame));
      },
      onPong: () => heard[side].push('<pong>'),
      onOverfull: (reason) => heard[side].push(`<${reason}>`),
      onClose: () => {
        ends[side] += 1;
        heard[side].push('<closed>');
      },
    });
    const accepted: { request: UpgradeRequest; connection: Connection }[] = [];
    const listener = await this.listen({
      upgrade: (request) => ({
        accept: true,
        headers: { 'libprocess-incarnation': '42' },
        opened: (connection) => {
          accepted.push({ request, connection });
          for (const frame of greet) connection.send(new TextEncoder().encode(frame));
          return listen('server');
        },
      }),
    });
    const address = this.addressOf(listener.port);
    const outcome = await this.dial(address, listen('client'), headers);
    const [server] = accepted;
    if (outcome.kind !== 'open' || !server) throw new Error(`Dial ended as ${outcome.kind}`);
    this.#cleanUp.push(outcome.connection, server.connection);
    this.#listeners.push(listener);
    const { connection: client } = outcome;
    const { request } = server;
    return {
      address,
      client,
      server: server.connection,
      request,
      headers: outcome.headers,
      heard,
      frames,
      ends,
    };
  }

  /** Ends what the test left open. */
  async close(): Promise<void> {
    for (const connection of this.#cleanUp) connection.terminate();
    for (const listener of this.#listeners) await listener[Symbol.asyncDispose]();
  }

  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.clock.timer(delayMs, resolve);
    });
  }
}

export type Ask = Omit<Request, 'remoteAddress'>;
export const GET: Ask = {
  method: 'GET',
  path: '/',
  query: {},
  headers: {},
  body: new Uint8Array(0),
};

export const ok = (body: Response['body'], headers = {}): Future<Response> =>
  Future.ready({ status: 200, headers, body });

/** Serves `answer` and returns what asks for it. */
export async function serve(
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
