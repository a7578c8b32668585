import net from 'node:net';
import { WebSocket } from 'ws';
import { NetworkError } from '../errors.ts';
import type { Future } from '../future.ts';
import type { Request, Response } from '../http/http.ts';
import { splitHostPort } from '../ip.ts';
import { SILENT_LOGGER, type Logger } from '../logger.ts';
import type {
  Acceptor,
  ByteConnection,
  ByteConnectionEvents,
  ConnectionEvents,
  DialOptions,
  DialOutcome,
  Headers,
  Listener,
  Network,
  RequestOptions,
} from '../network.ts';
import { httpLimits, type HttpLimits } from '../options/http-limits.ts';
import type { SslSettings } from '../options/ssl-options.ts';
import { HttpClient } from './http/client.ts';
import { HttpListener } from './http/listener.ts';
import { headersOf } from './http/messages.ts';
import { networkError } from './network-error.ts';
import { RefusalLog } from './refusal-log.ts';
import { timerDelay } from './timer-delay.ts';
import { DialingAgent } from './tls/dialing-agent.ts';
import { TlsBytes } from './tls/tls-bytes.ts';
import { TlsDialer } from './tls/tls-dialer.ts';
import { TlsSetup, type TlsHooks } from './tls/tls-setup.ts';
import { UnfinishedFrames } from './websocket/unfinished-frames.ts';
import { WEBSOCKET_LIMITS, WsConnection } from './websocket/ws-connection.ts';

/** Headers of a dial that the WebSocket library writes by itself. */
const SUBPROTOCOL = 'sec-websocket-protocol';

/** How a node meets others. */
export interface NodeNetworkOptions {
  /** Secures all connections, both ways. Default: none is. */
  readonly ssl?: SslSettings | undefined;
  readonly hooks?: TlsHooks;
  /** How many clients the port may have, and how long they may take. */
  readonly http?: Partial<HttpLimits>;
  /** Hears why connections were refused. */
  readonly logger?: Logger;
}

/** The network of the operating system. */
export class NodeNetwork implements Network {
  readonly #client: HttpClient;
  readonly #limits: HttpLimits;
  readonly #tls: TlsSetup | undefined;
  readonly #dialer: TlsDialer | undefined;
  /** Of dials, whose connections become links and are nobody else's. */
  readonly #agent: DialingAgent | undefined;
  readonly #refusals: RefusalLog;
  readonly #unfinished = new UnfinishedFrames();

  /** Fails with `CertificateError` if a file that `ssl` names cannot be used. */
  constructor({ ssl, hooks, http, logger = SILENT_LOGGER }: NodeNetworkOptions = {}) {
    this.#limits = httpLimits(http);
    this.#refusals = new RefusalLog(logger.child('libprocess.http'));
    this.#tls = ssl && new TlsSetup(ssl, logger, hooks);
    this.#dialer = this.#tls && new TlsDialer(this.#tls);
    this.#agent = this.#dialer && new DialingAgent(this.#dialer);
    this.#client = new HttpClient(this.#dialer);
  }

  listen(
    address: { readonly ip: string; readonly port: number },
    acceptor: Acceptor,
  ): Future<Listener> {
    const { ip, port } = address;
    return HttpListener.open({
      ip,
      port,
      acceptor,
      limits: this.#limits,
      tls: this.#tls,
      unfinished: this.#unfinished,
      refusals: this.#refusals,
    });
  }

  dial(
    options: DialOptions,
    decided: (outcome: DialOutcome) => ConnectionEvents | undefined,
  ): Disposable {
    const socket = this.#webSocket(options);
    let answer: Headers = {};
    let bytes: net.Socket | undefined;
    let over = false;
    const decide = (outcome: DialOutcome): ConnectionEvents | undefined => {
      if (over) return undefined;
      over = true;
      clearTimeout(deadline);
      return decided(outcome);
    };
    // Before there is a connection, as during a handshake of TLS, the library has no limit.
    const deadline = setTimeout(() => {
      const reason = `no answer within ${options.timeoutMs} ms`;
      const message = `Failed to reach ${options.address}: ${reason}`;
      decide({ kind: 'failed', error: new NetworkError('ETIMEDOUT', message) });
      socket.terminate();
    }, timerDelay(options.timeoutMs));
    socket.on('error', (error) => {
      decide({ kind: 'failed', error: this.#dialError(options.address, error) });
    });
    socket.on('upgrade', (response) => {
      answer = headersOf(response);
      bytes = response.socket;
      // Small frames leave at once: they are batched where they are made.
      response.socket.setNoDelay(true);
    });
    socket.on('unexpected-response', (request, response) => {
      response.resume();
      request.destroy();
      const status = response.statusCode ?? 0;
      decide({ kind: 'refused', status, headers: headersOf(response) });
    });
    socket.on('open', () => {
      if (!bytes) return; // It has told of its upgrade before.
      const connection = new WsConnection({
        webSocket: socket,
        socket: bytes,
        remoteAddress: options.address,
        unfinished: this.#unfinished,
      });
      const events = decide({ kind: 'open', connection, headers: answer });
      if (events) connection.listen(events);
      else socket.terminate();
    });
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        clearTimeout(deadline);
        socket.terminate();
      },
    };
  }

  request(
    address: string,
    request: Omit<Request, 'remoteAddress'>,
    options: RequestOptions,
  ): Future<Response> {
    return this.#client.request(address, request, options);
  }

  #webSocket({ address, path, headers: asked }: DialOptions): WebSocket {
    const { [SUBPROTOCOL]: protocols = '', ...headers } = asked;
    return new WebSocket(
      `ws://${address}${path}`,
      protocols === '' ? [] : protocols.split(',').map((protocol) => protocol.trim()),
      {
        ...WEBSOCKET_LIMITS,
        headers,
        ...(this.#agent && { agent: this.#agent }),
      },
    );
  }

  #dialError(address: string, cause: Error): NetworkError {
    const error = networkError(`Failed to reach ${address}`, cause);
    const cut = error.code === 'ECONNRESET' && !(cause instanceof NetworkError);
    if (!cut || !this.#dialer) return error;
    const reason = this.#dialer.tellCut(address);
    return new NetworkError(error.code, `${error.message}; ${reason}`, cause);
  }

  connect(address: string, events: ByteConnectionEvents): ByteConnection {
    const target = splitHostPort(address);
    if (this.#dialer) return new TlsBytes(this.#dialer, target, events);
    const socket = net.connect({ ...target, noDelay: true });
    let reason = 'closed by the peer';
    socket.on('error', (error) => {
      reason = error.message;
    });
    let clean = false;
    socket.on('end', () => {
      clean = true;
    });
    socket.on('connect', () => {
      events.onOpen();
    });
    socket.on('data', (bytes) => {
      events.onBytes(bytes);
    });
    socket.on('close', () => {
      events.onClose(reason, clean);
    });
    return {
      get bufferedBytes() {
        return socket.writableLength;
      },
      write: (bytes, onSent) => {
        if (socket.writable) socket.write(bytes, (error) => error ?? onSent?.());
      },
      pause: () => {
        socket.pause();
      },
      resume: () => {
        socket.resume();
      },
      close: () => {
        // What was queued leaves with the FIN; a peer that never answers it must not hold us.
        socket.end();
        socket.unref();
      },
      terminate: () => {
        socket.destroy();
      },
    };
  }
}
