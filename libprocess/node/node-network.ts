import net from 'node:net';
import { WebSocket } from 'ws';
import type { Future } from '../future.ts';
import type { Request, Response } from '../http/http.ts';
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
import { HttpClient } from './http-client.ts';
import { HttpListener } from './http-listener.ts';
import { headersOf } from './http-messages.ts';
import { networkError } from './network-error.ts';
import { WEBSOCKET_LIMITS, WsConnection } from './ws-connection.ts';

/** Headers of a dial that the WebSocket library writes by itself. */
const SUBPROTOCOL = 'sec-websocket-protocol';

/** The network of the operating system. */
export class NodeNetwork implements Network {
  readonly #client = new HttpClient();

  listen(
    address: { readonly ip: string; readonly port: number },
    acceptor: Acceptor,
  ): Future<Listener> {
    return HttpListener.open(address, acceptor);
  }

  dial(
    options: DialOptions,
    decided: (outcome: DialOutcome) => ConnectionEvents | undefined,
  ): Disposable {
    const { [SUBPROTOCOL]: protocols = '', ...headers } = options.headers;
    const socket = new WebSocket(
      `ws://${options.address}${options.path}`,
      protocols === '' ? [] : protocols.split(',').map((protocol) => protocol.trim()),
      { ...WEBSOCKET_LIMITS, handshakeTimeout: options.timeoutMs, headers },
    );
    let answer: Headers = {};
    let over = false;
    const decide = (outcome: DialOutcome): ConnectionEvents | undefined => {
      if (over) return undefined;
      over = true;
      return decided(outcome);
    };
    socket.on('error', (error) => {
      decide({ kind: 'failed', error: networkError(`Failed to reach ${options.address}`, error) });
    });
    socket.on('upgrade', (response) => {
      answer = headersOf(response);
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
      const connection = new WsConnection(socket, options.address);
      const events = decide({ kind: 'open', connection, headers: answer });
      if (events) connection.listen(events);
      else socket.terminate();
    });
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
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

  connect(address: string, events: ByteConnectionEvents): ByteConnection {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
    const socket = net.connect({ host, port: Number(address.slice(colon + 1)), noDelay: true });
    let reason = 'closed by the peer';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('connect', () => {
      events.onOpen();
    });
    socket.on('data', (bytes) => {
      events.onBytes(bytes);
    });
    socket.on('close', () => {
      events.onClose(reason);
    });
    return {
      get bufferedBytes() {
        return socket.writableLength;
      },
      write: (bytes) => {
        if (socket.writable) socket.write(bytes);
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
