import { NetworkError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import type { Request, Response } from '../../http/http.ts';
import { ANSWER_BYTES_MAX } from '../../http/limits.ts';
import { BadRequestError, checkHead } from '../../http/wire/encode-request.ts';
import type {
  Acceptor,
  ByteConnection,
  ByteConnectionEvents,
  ConnectionEvents,
  DialOptions,
  DialOutcome,
  Listener,
  Network,
  RequestOptions,
} from '../../network.ts';
import type { Incarnation } from '../incarnation.ts';
import type { NetworkFabric, NetworkHost } from './network-fabric.ts';
import type { PipeEnd } from './pipe.ts';
import { SimByteConnection } from './sim-bytes.ts';
import { SimConnection } from './sim-connection.ts';
import { SimExchange } from './sim-http.ts';
import { acceptPipe } from './sim-service.ts';

/** The network as one incarnation sees it. */
export class SimNetwork implements Network {
  readonly #incarnation: Incarnation;
  readonly #host: NetworkHost;
  readonly #fabric: NetworkFabric;

  constructor(incarnation: Incarnation, host: NetworkHost, fabric: NetworkFabric) {
    this.#incarnation = incarnation;
    this.#host = host;
    this.#fabric = fabric;
  }

  listen(
    address: { readonly ip: string; readonly port: number },
    acceptor: Acceptor,
  ): Future<Listener> {
    const incarnation = this.#incarnation;
    const promise = new FuturePromise<Listener>();
    incarnation.post(() => {
      const service = { kind: 'node', acceptor } as const;
      const port = this.#fabric.bind(incarnation, this.#host, { ...address, service });
      if (port instanceof NetworkError) promise.fail(port);
      else promise.set(this.#listener(address.ip === '0.0.0.0' ? this.#host.ip : address.ip, port));
    });
    return promise.future;
  }

  dial(
    options: DialOptions,
    decided: (outcome: DialOutcome) => ConnectionEvents | undefined,
  ): Disposable {
    let end: PipeEnd | undefined;
    let over = false;
    const finish = (outcome: DialOutcome): ConnectionEvents | undefined => {
      if (over) return undefined;
      over = true;
      timer[Symbol.dispose]();
      attempt[Symbol.dispose]();
      return decided(outcome);
    };
    const fail = (error: NetworkError): void => {
      end?.abort(error.message);
      finish({ kind: 'failed', error });
    };
    const attempt = this.#connect(options.address, fail, (client) => {
      end = client;
      this.#upgrade(client, options, finish);
    });
    const timer = this.#incarnation.after(options.timeoutMs, () =>
      fail(new NetworkError('ETIMEDOUT', `Failed to dial '${options.address}': timed out`)),
    );
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        timer[Symbol.dispose]();
        attempt[Symbol.dispose]();
        end?.abort('dial was given up');
      },
    };
  }

  request(
    address: string,
    request: Omit<Request, 'remoteAddress'>,
    { timeoutMs, signal, bodyBytesMax = ANSWER_BYTES_MAX }: RequestOptions,
  ): Future<Response> {
    try {
      checkHead(request);
    } catch (cause) {
      request.reader?.close();
      const code = cause instanceof BadRequestError ? cause.code : 'EINVAL';
      const message = `Failed to request from '${address}': it cannot be sent`;
      return Future.failed(new NetworkError(code, message, cause));
    }
    const exchange = new SimExchange(address, bodyBytesMax);
    const { future } = exchange.promise;
    const attempt = this.#connect(
      address,
      (error) => exchange.broken(error.message, error.code),
      (client) => exchange.opened(client, request),
    );
    const timer = this.#incarnation.after(timeoutMs, () =>
      exchange.broken('timed out', 'ETIMEDOUT'),
    );
    const abort = (): void =>
      this.#incarnation.enter(() => exchange.broken('given up', 'ABORT_ERR'));
    future.onDiscard(() => {
      exchange.promise.discard();
      abort();
    });
    future.onAny(() => {
      timer[Symbol.dispose]();
      attempt[Symbol.dispose]();
    });
    if (signal?.aborted) this.#incarnation.post(abort);
    else signal?.addEventListener('abort', abort, { once: true });
    exchange.onOver(() => signal?.removeEventListener('abort', abort));
    return future;
  }

  connect(address: string, events: ByteConnectionEvents): ByteConnection {
    const connection = new SimByteConnection(this.#incarnation, events);
    const attempt = this.#connect(
      address,
      (error) => connection.failed(error.message),
      (client) => connection.opened(client),
    );
    connection.onGivenUp(() => attempt[Symbol.dispose]());
    return connection;
  }

  #connect(
    address: string,
    failed: (error: NetworkError) => void,
    opened: (client: PipeEnd) => void,
  ): Disposable {
    return this.#fabric.connect({
      incarnation: this.#incarnation,
      host: this.#host,
      address,
      accept: (end, service) => {
        acceptPipe(end, service, (dial) => this.#fabric.onUpgrade?.(dial));
      },
      opened,
      failed,
    });
  }

  #upgrade(
    client: PipeEnd,
    { path, headers, address }: DialOptions,
    finish: (outcome: DialOutcome) => ConnectionEvents | undefined,
  ): void {
    client.handler = {
      onItem: (item) => {
        if (item.kind !== 'decision') return;
        if (item.status !== SWITCHING_PROTOCOLS) {
          client.finish();
          finish({ kind: 'refused', status: item.status, headers: item.headers });
          return;
        }
        const connection = new SimConnection(client);
        client.handler = connection;
        const events = finish({ kind: 'open', connection, headers: item.headers });
        if (events) connection.events = events;
        else client.abort('nobody listens');
      },
      onClose: (reason) => {
        const message = `Failed to dial '${address}': ${reason}`;
        finish({ kind: 'failed', error: new NetworkError('ECONNRESET', message) });
      },
    };
    client.send({ kind: 'upgrade', path, headers }, 0);
  }

  #listener(ip: string, port: number): Listener {
    return {
      ip,
      port,
      [Symbol.asyncDispose]: () => {
        this.#fabric.unbind(this.#host, port, this.#incarnation);
        return Promise.resolve();
      },
    };
  }
}

const SWITCHING_PROTOCOLS = 101;
