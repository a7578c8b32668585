import type { Millis } from '../clock.ts';
import type { Future } from '../future.ts';
import type { ByteSink, ByteSource } from './byte-streams.ts';

/** Where a socket is: a literal IPv4 or IPv6 address and a port, or the path of a unix socket. */
export type SocketAddress =
  { readonly ip: string; readonly port: number; readonly path?: never } | { readonly path: string };

/**
 * One end of a connection. `read` is libprocess's `recv`, `write` its `send`, and `end` its `shutdown`:
 * it ends what this side says, while the other may go on. Whoever has it closes it.
 */
export interface Socket extends ByteSource, ByteSink {
  /** Our own end; a unix socket that was not bound has the path of its peer. */
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
  /** Ends both directions now. */
  close(): void;
}

/** A bound socket that takes connections in. */
export interface ServerSocket extends AsyncDisposable {
  /** With the port in use, also when 0 was asked for. */
  readonly address: SocketAddress;
  /** The next connection. Discarded when the server is disposed. */
  accept(): Future<Socket>;
}

/** How a socket listens. */
export interface ListenOptions {
  /** Connections that may wait to be accepted; further ones are closed. Default: `BACKLOG`. */
  readonly backlog?: number;
}

/** How a socket connects. */
export interface ConnectOptions {
  /** How long the other end may take to answer. Default: `CONNECT_TIMEOUT_MS`. */
  readonly timeoutMs?: Millis;
}

/** Connections that wait to be accepted, if nobody says otherwise. */
export const BACKLOG = 128;
/** How long a connection may take to be made, if nobody says otherwise. */
export const CONNECT_TIMEOUT_MS: Millis = 10_000;
/** Longest path of a unix socket, in bytes. */
export const UNIX_PATH_BYTES_MAX = 107;

/**
 * Sockets of one's own, for protocols that are not HTTP. Errors are `NetworkError`s with the system's
 * code. A unix socket appears in the file system, and whoever listens there next must remove what a
 * killed process has left.
 */
export interface Sockets {
  listen(address: SocketAddress, options?: ListenOptions): Future<ServerSocket>;
  /** A discard gives the attempt up. */
  connect(address: SocketAddress, options?: ConnectOptions): Future<Socket>;
}
