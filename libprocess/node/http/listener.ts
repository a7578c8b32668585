import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { type Future, FuturePromise } from '../../future.ts';
import { UNREADABLE_REQUEST, type Request } from '../../http/http.ts';
import { HEADER_BYTES_MAX, HEADER_LINES_MAX, PIPELINED_REQUESTS_MAX } from '../../http/limits.ts';
import { badRequest, internalServerError } from '../../http/responses.ts';
import type { Acceptor, Headers, Listener } from '../../network.ts';
import type { HttpLimits } from '../../options/http-limits.ts';
import { networkError } from '../network-error.ts';
import type { TlsSetup } from '../tls/tls-setup.ts';
import type { RefusalLog } from '../refusal-log.ts';
import type { UnfinishedFrames } from '../websocket/unfinished-frames.ts';
import { remoteAddressOf, WEBSOCKET_LIMITS, WsConnection } from '../websocket/ws-connection.ts';
import { reachableIp } from '../reachable-ip.ts';
import { collectBody, refusedBody, refusedHead, streamBody, type Body } from './body.ts';
import { ClientState, type Exchange } from './client-state.ts';
import { Door } from './door.ts';
import { endsWith, linger, refuse } from './last-answer.ts';
import {
  headersOf,
  plainHeaders,
  putBack,
  toRequest,
  wantsWebSocket,
  writeResponse,
} from './messages.ts';

/** How often connections are looked at for what takes too long, if nothing is to be found sooner. */
const SWEEP_INTERVAL_MS = 5_000;
/** How long answers may take to leave once the listener closes. */
const CLOSE_GRACE_MS = 1_000;

export interface HttpListenerOptions {
  readonly ip: string;
  readonly port: number;
  readonly acceptor: Acceptor;
  readonly limits: HttpLimits;
  readonly tls: TlsSetup | undefined;
  readonly unfinished: UnfinishedFrames;
  readonly refusals: RefusalLog;
}

/** A port: HTTP requests, libprocess messages in the POST form, and upgrades to links. */
export class HttpListener implements Listener {
  readonly ip: string;
  #port = 0;
  readonly #server: http.Server;
  readonly #acceptor: Acceptor;
  readonly #limits: HttpLimits;
  readonly #unfinished: UnfinishedFrames;
  readonly #clients = new Map<Socket, ClientState>();
  readonly #webSockets = new WebSocketServer({
    ...WEBSOCKET_LIMITS,
    noServer: true,
    clientTracking: false,
  });
  readonly #upgraded = new Set<Duplex>();
  #acceptHeaders: Headers = {};
  #sweeper: NodeJS.Timeout | undefined;
  readonly #door: Door;

  static open(options: HttpListenerOptions): Future<Listener> {
    const { ip, port } = options;
    const promise = new FuturePromise<Listener>();
    const listener = new HttpListener(options);
    const server = listener.#server;
    server.once('error', (error) => {
      promise.fail(networkError(`Failed to listen on ${ip}:${port}`, error));
    });
    server.listen({ host: ip, port, backlog: 4_096 }, () => {
      listener.#opened(server.address() as AddressInfo); // A listening TCP server has one.
      promise.set(listener);
    });
    return promise.future;
  }

  private constructor({ ip, acceptor, limits, tls, unfinished, refusals }: HttpListenerOptions) {
    this.ip = reachableIp(ip);
    this.#acceptor = acceptor;
    this.#limits = limits;
    this.#unfinished = unfinished;
    this.#server = http.createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      // C++ libprocess asks for no Host, and not all of its peers send one.
      requireHostHeader: false,
      connectionsCheckingInterval: this.#sweepIntervalMs,
      noDelay: true,
    });
    // Node.js would leave out what is beyond its own limit, `origin` too, and say nothing.
    this.#server.maxHeadersCount = 0;
    // Bytes that leave are activity, however few. Whoever sends more while it does not read is not read from.
    this.#server.setTimeout(limits.unreadTimeoutMs, (socket: Socket) => {
      if (socket.writableLength === 0) return;
      socket.destroy();
      acceptor.unread?.(remoteAddressOf(socket));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#connected(socket);
    });
    this.#server.on('request', (message, response) => {
      const head = toRequest(message);
      this.#requested({ message, response, head, body: this.#refused(message, head) });
    });
    this.#server.on('checkContinue', (message, response) => {
      const head = toRequest(message);
      const body = this.#refused(message, head);
      if (!body) response.writeContinue();
      this.#requested({ message, response, head, body });
    });
    this.#server.on('upgrade', (message, socket, head) => {
      this.#leaving(message, () => {
        this.#upgrade(message, socket, head);
      });
    });
    this.#server.on('connect', (message, socket) => {
      this.#leaving(message, () => {
        this.#track(socket);
        refuse(message.socket, 501, {});
      });
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      this.#malformed(error, socket);
    });
    this.#webSockets.on('headers', (lines) => {
      for (const [name, value] of Object.entries(this.#acceptHeaders))
        lines.push(`${name}: ${value}`);
    });
    this.#door = new Door(this.#server, {
      tls,
      perIpMax: limits.connectionsPerIpMax,
      log: refusals,
      crowded: () => acceptor.crowded?.(),
    });
  }

  get port(): number {
    return this.#port;
  }

  get #sweepIntervalMs(): number {
    const { headerTimeoutMs, bodyTimeoutMs, idleTimeoutMs } = this.#limits;
    return Math.min(SWEEP_INTERVAL_MS, headerTimeoutMs, bodyTimeoutMs, idleTimeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#sweeper) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.#door.close();
    this.#server.closeIdleConnections();
    const deadline = setTimeout(() => {
      for (const socket of this.#clients.keys()) socket.destroy();
      for (const socket of this.#upgraded) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(deadline);
  }

  #opened({ port }: AddressInfo): void {
    this.#port = port;
    this.#sweeper = setInterval(() => {
      this.#sweep();
    }, this.#sweepIntervalMs);
    this.#sweeper.unref();
    this.#server.on('error', () => undefined); // One connection that could not be accepted.
  }

  #connected(socket: Socket): void {
    this.#clients.set(socket, new ClientState());
    socket.on('error', () => undefined);
    socket.once('close', () => this.#clients.delete(socket));
  }

  #requested(exchange: Exchange): void {
    const { message, response } = exchange;
    const { socket } = message;
    const state = this.#clients.get(socket);
    if (!state) return;
    if (state.deaf) {
      message.resume();
      return;
    }
    state.arrived(exchange);
    if (state.unanswered > PIPELINED_REQUESTS_MAX) {
      socket.destroy();
      return;
    }
    response.once('close', () => {
      state.answered();
    });
    response.on('error', () => undefined);
    state.arriving.push(exchange);
    if (exchange.body) {
      this.#handleArrived(state);
    } else if (this.#streams(exchange.head)) {
      exchange.body = { kind: 'streams', reader: streamBody(message, () => undefined) };
      this.#handleArrived(state);
    } else {
      collectBody(message, (body) => {
        exchange.body = body;
        this.#handleArrived(state);
      });
    }
  }

  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const refuse = (): void => {
      if (!socket.writable) return; // The client is on its way out already.
      socket.write(`HTTP/1.1 ${refusalOf(error)}\r\nConnection: close\r\n\r\n`);
      linger(socket);
    };
    const state = this.#clients.get(socket);
    if (state) state.afterAnswers(refuse);
    else refuse();
  }

  /** The refusal of what its head says: no byte of its body is waited for. */
  #refused(message: IncomingMessage, head: Request | undefined): Body | undefined {
    return refusedHead(message) ?? (this.#streams(head) ? undefined : refusedBody(message));
  }

  #streams(head: Request | undefined): boolean {
    return head !== undefined && this.#acceptor.streams?.(head) === true;
  }

  /** A body may be complete before that of an earlier request: nothing overtakes. */
  #handleArrived(state: ClientState): void {
    for (let next = state.arriving[0]; next?.body; next = state.arriving[0]) {
      state.arriving.shift();
      this.#handle(next, next.body, state);
    }
  }

  #handle({ message, response, head }: Exchange, body: Body, state: ClientState): void {
    if (body.kind === 'broken') {
      response.destroy();
      return;
    }
    const refusal = body.kind === 'refused' ? body.response : undefined;
    if (!head || refusal) {
      state.hearNoMore();
      endsWith(response, message);
      const shown = head ?? { ...UNREADABLE_REQUEST, method: message.method ?? 'GET' };
      writeResponse(response, shown, refusal ?? badRequest('Malformed request'));
      return;
    }
    const request = withBody(head, body);
    if (request.headers['libprocess-from'] !== undefined) state.carriesMessages = true;
    else if (request.headers['user-agent']?.startsWith('libprocess/')) state.carriesMessages = true;
    const answered = this.#acceptor.request(request);
    response.once('close', () => {
      answered.discard();
      request.reader?.close();
    });
    answered.onAny((answer) => {
      // What has not been sent yet may never end: nobody waits for it.
      if (request.reader && !message.complete) {
        state.hearNoMore();
        endsWith(response, message);
      }
      writeResponse(response, request, answer.isReady ? answer.value : internalServerError());
    });
  }

  /** Its own scope: listeners here live as long as the link and must hold nothing of its upgrade. */
  #track(socket: Duplex): void {
    // First of all: a reset of a raw socket without a listener would end the process.
    socket.on('error', () => undefined);
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
  }

  /** A connection that is to be one of HTTP no longer: `next` takes it, once all that came before is answered. */
  #leaving({ socket }: IncomingMessage, next: () => void): void {
    const state = this.#clients.get(socket);
    if (!state || state.deaf) {
      socket.resume(); // It lingers, and is read from for as long.
      return;
    }
    state.afterAnswers(() => {
      if (!socket.writable) return;
      this.#clients.delete(socket);
      next();
    });
  }

  #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const client = message.socket;
    if (!wantsWebSocket(message)) {
      putBack(message, socket, head);
      this.#door.handOver(client);
      return;
    }
    this.#track(socket);
    if (message.rawHeaders.length / 2 > HEADER_LINES_MAX) {
      refuse(client, 431, {});
      return;
    }
    const remoteAddress = remoteAddressOf(client);
    const decision = this.#acceptor.upgrade({
      path: message.url ?? '/',
      headers: headersOf(message),
      remoteAddress,
    });
    if (!decision.accept) {
      refuse(client, decision.status, decision.headers);
      return;
    }
    this.#acceptHeaders = decision.headers;
    this.#webSockets.handleUpgrade(message, socket, head, (webSocket) => {
      const unfinished = this.#unfinished;
      const connection = new WsConnection({ webSocket, socket: client, remoteAddress, unfinished });
      connection.listen(decision.opened(connection));
    });
  }

  /** Ends what does nothing. Node's own idle timeout cannot tell messages from other requests. */
  #sweep(): void {
    const now = performance.now();
    const { idleTimeoutMs, bodyTimeoutMs } = this.#limits;
    for (const [socket, state] of this.#clients) {
      const forMs = now - state.activeAtMs;
      const idle = state.unanswered === 0 && !state.carriesMessages && forMs > idleTimeoutMs;
      const stalled = state.arriving.length > 0 && forMs > bodyTimeoutMs;
      if (idle || stalled) socket.destroy();
    }
  }
}

function refusalOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

function withBody(arrived: Request, body: Body): Request {
  const head = { ...arrived, headers: plainHeaders(arrived.headers) };
  if (body.kind === 'streams') return { ...head, reader: body.reader };
  return body.kind === 'whole' ? { ...head, body: body.bytes } : head;
}
