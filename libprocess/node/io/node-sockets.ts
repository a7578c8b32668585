import net from 'node:net';
import { NetworkError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import { AcceptQueue } from '../../io/accept-queue.ts';
import { malformedAddress, printed } from '../../io/socket-address.ts';
import { SocketStreams } from '../../io/socket-streams.ts';
import {
  BACKLOG,
  CONNECT_TIMEOUT_MS,
  type ConnectOptions,
  type ListenOptions,
  type ServerSocket,
  type Socket,
  type SocketAddress,
  type Sockets,
} from '../../io/sockets.ts';
import { sinkOf, sourceOf } from './node-streams.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { timerDelay } from '../timer-delay.ts';

/** Either side may end what it says while the other goes on; small pieces leave at once. */
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true } as const;

/** The sockets of the operating system. */
export class NodeSockets implements Sockets {
  listen(address: SocketAddress, { backlog = BACKLOG }: ListenOptions = {}): Future<ServerSocket> {
    const what = `listen on '${printed(address)}'`;
    const reason = malformedAddress(address);
    if (reason !== undefined) return Future.failed(failed(what, { code: 'EINVAL' }, reason));
    const promise = new FuturePromise<ServerSocket>();
    const queue = new AcceptQueue(backlog);
    const server = net.createServer(SOCKET_OPTIONS, (stream) => {
      queue.push(socketOf(stream, address));
    });
    server.on('error', (cause) => promise.fail(failed(what, cause)));
    server.listen({ ...placeOf(address), backlog, exclusive: true }, () => {
      promise.set(serverOf(server, { address, queue }));
    });
    return promise.future;
  }

  connect(
    address: SocketAddress,
    { timeoutMs = CONNECT_TIMEOUT_MS }: ConnectOptions = {},
  ): Future<Socket> {
    const what = `connect to '${printed(address)}'`;
    const reason = malformedAddress(address);
    if (reason !== undefined) return Future.failed(failed(what, { code: 'EINVAL' }, reason));
    const promise = new FuturePromise<Socket>();
    const stream = net.connect({ ...placeOf(address), ...SOCKET_OPTIONS });
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      stream.destroy();
      promise.fail(failed(what, cause));
    };
    const timer = setTimeout(() => fail({ code: 'ETIMEDOUT' }), timerDelay(timeoutMs));
    stream.once('error', fail);
    stream.once('connect', () => {
      clearTimeout(timer);
      const socket = socketOf(stream, address);
      stream.off('error', fail);
      if (!promise.set(socket)) socket.close();
    });
    promise.future.onDiscard(() => {
      clearTimeout(timer);
      stream.destroy();
      promise.discard();
    });
    return promise.future;
  }
}

/** Where Node.js would have it. */
function placeOf(address: SocketAddress): { path: string } | { host: string; port: number } {
  return address.path === undefined
    ? { host: address.ip, port: address.port }
    : { path: address.path };
}

function serverOf(
  server: net.Server,
  { address, queue }: { readonly address: SocketAddress; readonly queue: AcceptQueue },
): ServerSocket {
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  return {
    address: address.path === undefined ? { ip: address.ip, port } : address,
    accept: () => queue.accept(),
    [Symbol.asyncDispose]: () => {
      queue.close();
      // Connections that were accepted live on: only the place is given up.
      return new Promise((resolve) => {
        server.close();
        setImmediate(resolve);
      });
    },
  };
}

function socketOf(stream: net.Socket, address: SocketAddress): Socket {
  const { localAddress, localPort, remoteAddress, remotePort } = stream;
  const failure = (cause: unknown): NetworkError => failed(`talk to '${printed(peer)}'`, cause);
  const local = endOf(localAddress, localPort) ?? address;
  const peer = endOf(remoteAddress, remotePort) ?? address;
  return new SocketStreams({
    source: sourceOf(stream, failure),
    sink: sinkOf(stream, failure),
    local,
    peer,
  });
}

function endOf(ip: string | undefined, port: number | undefined): SocketAddress | undefined {
  return ip === undefined || port === undefined ? undefined : { ip, port };
}

function failed(what: string, cause: unknown, why?: string): NetworkError {
  const code = codeOf(cause);
  return new NetworkError(code, `Failed to ${what}: ${why ?? reasonOf(code)}`, cause);
}
