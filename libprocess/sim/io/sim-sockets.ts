import { NetworkError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import { AcceptQueue } from '../../io/accept-queue.ts';
import { SinkQueue } from '../../io/sink-queue.ts';
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
import { SourceBuffer } from '../../io/source-buffer.ts';
import type { Incarnation } from '../incarnation.ts';
import type { Machine } from '../machine.ts';
import type { NetworkFabric } from '../network/network-fabric.ts';
import type { PipeEnd } from '../network/pipe.ts';
import { acceptPipe } from '../network/sim-service.ts';

/** The sockets of a machine as one of its processes sees them. */
export class SimSockets implements Sockets {
  readonly #incarnation: Incarnation;
  readonly #machine: Machine;
  readonly #fabric: NetworkFabric;

  constructor(incarnation: Incarnation, machine: Machine, fabric: NetworkFabric) {
    this.#incarnation = incarnation;
    this.#machine = machine;
    this.#fabric = fabric;
  }

  listen(address: SocketAddress, { backlog = BACKLOG }: ListenOptions = {}): Future<ServerSocket> {
    const reason = malformedAddress(address);
    if (reason !== undefined)
      return Future.failed(failed(`listen on '${printed(address)}'`, reason));
    const promise = new FuturePromise<ServerSocket>();
    this.#incarnation.post(() => {
      const server = this.#bind(address, backlog);
      if (server instanceof NetworkError) promise.fail(server);
      else promise.set(server);
    });
    return promise.future;
  }

  connect(
    address: SocketAddress,
    { timeoutMs = CONNECT_TIMEOUT_MS }: ConnectOptions = {},
  ): Future<Socket> {
    const what = `connect to '${printed(address)}'`;
    const reason = malformedAddress(address);
    if (reason !== undefined) return Future.failed(failed(what, reason));
    const promise = new FuturePromise<Socket>();
    const place = this.#placeOf(address);
    if (place instanceof NetworkError) {
      this.#incarnation.post(() => promise.fail(place));
      return promise.future;
    }
    const attempt = this.#fabric.connect({
      incarnation: this.#incarnation,
      host: this.#machine,
      address: place,
      accept: acceptPipe,
      opened: (end) => {
        timer[Symbol.dispose]();
        promise.set(socketOf(end, address));
      },
      failed: ({ code }) => fail(code, 'connection refused'),
    });
    const fail = (code: string, why: string): void => {
      attempt[Symbol.dispose]();
      timer[Symbol.dispose]();
      promise.fail(failed(what, why, code));
    };
    const timer = this.#incarnation.after(timeoutMs, () =>
      fail('ETIMEDOUT', 'connection timed out'),
    );
    promise.future.onDiscard(() => {
      attempt[Symbol.dispose]();
      timer[Symbol.dispose]();
      promise.discard();
    });
    return promise.future;
  }

  #bind(address: SocketAddress, backlog: number): ServerSocket | NetworkError {
    const what = `listen on '${printed(address)}'`;
    const { fileSystem } = this.#machine.disk;
    const { path } = address;
    if (path !== undefined && fileSystem.exists(path)) {
      return failed(what, 'address already in use', 'EADDRINUSE');
    }
    const queue = new AcceptQueue(backlog);
    const accept = (end: PipeEnd): void => queue.push(socketOf(end, address));
    const port = this.#fabric.bind(this.#incarnation, this.#machine, {
      ip: address.path === undefined ? inet4(address.ip) : LOOPBACK,
      port: address.path === undefined ? address.port : 0,
      service: { kind: 'socket', accept },
    });
    if (port instanceof NetworkError) {
      return failed(what, REASONS[port.code] ?? port.message, port.code);
    }
    if (path !== undefined) {
      // Like a real one, it stays when its process is killed.
      fileSystem.writeFile(path, new Uint8Array(0));
      this.#machine.unixSockets.set(path, port);
    }
    return {
      address: address.path === undefined ? { ip: address.ip, port } : address,
      accept: () => queue.accept(),
      [Symbol.asyncDispose]: () => {
        queue.close();
        this.#fabric.unbind(this.#machine, port, this.#incarnation);
        if (path !== undefined && fileSystem.exists(path)) fileSystem.unlink(path);
        return Promise.resolve();
      },
    };
  }

  #placeOf(address: SocketAddress): string | NetworkError {
    if (address.path === undefined) return `${inet4(address.ip)}:${address.port}`;
    const what = `connect to '${address.path}'`;
    if (!this.#machine.disk.fileSystem.exists(address.path)) {
      return failed(what, 'no such file or directory', 'ENOENT');
    }
    return `${LOOPBACK}:${this.#machine.unixSockets.get(address.path) ?? 0}`;
  }
}

function socketOf(end: PipeEnd, address: SocketAddress): Socket {
  const here = address.path === undefined ? endOf(end.localAddress, address.ip) : address;
  const there = address.path === undefined ? endOf(end.remoteAddress, address.ip) : address;
  let [ended, hasEnded] = [false, false];
  const finish = (): void => {
    if (ended && hasEnded) end.finish();
  };
  const close = (): void => {
    // What has come and is not read goes, or the end of the other side would wait behind it.
    end.resume();
    end.finish();
  };
  const source = new SourceBuffer({
    pause: () => end.pause(),
    resume: () => end.resume(),
    close,
  });
  const sink = new SinkQueue({
    write: (bytes, done) => {
      end.send({ kind: 'bytes', bytes: bytes.slice() }, bytes.length, () => done());
    },
    end: (done) => {
      end.send({ kind: 'eof' }, 0);
      hasEnded = true;
      finish();
      done();
    },
    close,
  });
  end.handler = {
    onItem: (item) => {
      if (item.kind === 'bytes') source.push(item.bytes);
      if (item.kind !== 'eof') return;
      ended = true;
      source.end();
      finish();
    },
    onClose: (reason) => {
      const error = failed(`talk to '${printed(there)}'`, reason, CLOSE_CODES[reason] ?? 'EPIPE');
      source.end(reason === 'closed' ? undefined : error);
      sink.broken(error);
    },
  };
  return new SocketStreams({ source, sink, local: here, peer: there });
}

/** The network of a simulation has addresses of one family; a loopback of the other is the same. */
const inet4 = (ip: string): string => INET6[ip] ?? ip;
const INET6: Readonly<Record<string, string>> = { '::1': '127.0.0.1', '::': '0.0.0.0' };

function endOf(address: string, asked: string): SocketAddress {
  const colon = address.lastIndexOf(':');
  const ip = address.slice(0, colon);
  return {
    ip: ip === LOOPBACK && asked === '::1' ? asked : ip,
    port: Number(address.slice(colon + 1)),
  };
}

function failed(what: string, reason: string, code = 'EINVAL'): NetworkError {
  return new NetworkError(code, `Failed to ${what}: ${reason}`);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'address not available',
};
const CLOSE_CODES: Readonly<Record<string, string>> = {
  'connection reset': 'ECONNRESET',
  'connection timed out': 'ETIMEDOUT',
};
const LOOPBACK = '127.0.0.1';
