import type { Millis } from './clock.ts';
import type { Future } from './future.ts';
import type { Request, Response } from './http/http.ts';

/** Header names in lower case; repeated ones joined by `, `. */
export type Headers = Readonly<Record<string, string>>;

/**
 * An open, framed, ordered, full-duplex connection between two nodes (a WebSocket in production).
 * Frames arrive whole and in order or not at all; `onClose` is called exactly once, last.
 */
export interface Connection {
  /** `ip:port` at the other end of the socket; not the peer's advertised address. */
  readonly remoteAddress: string;
  /** Bytes accepted by `send` that have not left for the operating system. */
  readonly bufferedBytes: number;
  /** Bytes here of a frame that is not whole yet. */
  readonly unfinishedBytes: number;
  /** Queues one frame; `onSent` is called when it has left this process. Ignored once closed. */
  send(frame: Uint8Array, onSent?: () => void): void;
  ping(): void;
  /** Stops reading, so that the peer is held back. */
  pause(): void;
  resume(): void;
  /** Lets queued frames leave, then closes. */
  close(): void;
  /** Closes now; queued frames may be lost. */
  terminate(): void;
}

/** What a connection of frames tells whoever holds it; nothing comes after `onClose`. */
export interface ConnectionEvents {
  onFrame(frame: Uint8Array): void;
  onPong(): void;
  /** Too much is held for frames that are not whole, and this connection brought more: `onClose` is next. */
  onOverfull(reason: string): void;
  onClose(reason: string): void;
}

/** A node asks for a connection of frames. All that it says of itself is a claim, its remote address aside. */
export interface UpgradeRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly remoteAddress: string;
}

/** The answer to an upgrade, given before any frame. */
export type UpgradeDecision =
  | {
      readonly accept: true;
      readonly headers: Headers;
      /** Called once, in the same turn, with the open connection; returns its listener. */
      readonly opened: (connection: Connection) => ConnectionEvents;
    }
  | { readonly accept: false; readonly status: number; readonly headers: Headers };

/** What a node does with what arrives at its port. Must not throw. */
export interface Acceptor {
  upgrade(request: UpgradeRequest): UpgradeDecision;
  /** Whether the body of this request, whose head has come, is handed over as it comes. Default: no. */
  streams?(head: Request): boolean;
  /** A client was cut off because it read nothing of what waited for it. */
  unread?(remoteAddress: string): void;
  /** A client was turned away, because as many connections are open as may be. */
  crowded?(): void;
  /** One answer per request; answers leave in the order of the requests of a connection. */
  request(request: Request): Future<Response>;
}

/** An open port; disposing it closes the port and all of its connections. */
export interface Listener extends AsyncDisposable {
  /** Where others reach it: that of the machine if it listens on all addresses (`0.0.0.0`). */
  readonly ip: string;
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
}

/** Whom to ask for a connection of frames, and for how long. */
export interface DialOptions {
  /** `ip:port`. */
  readonly address: string;
  readonly path: string;
  readonly headers: Headers;
  readonly timeoutMs: Millis;
}

/** How a dial ended. `refused` is any HTTP answer other than 101; `failed` is no answer at all. */
export type DialOutcome =
  | { readonly kind: 'open'; readonly connection: Connection; readonly headers: Headers }
  | { readonly kind: 'refused'; readonly status: number; readonly headers: Headers }
  | { readonly kind: 'failed'; readonly error: Error };

/** A raw byte connection, for peers that speak only HTTP/1.1. */
export interface ByteConnection {
  readonly bufferedBytes: number;
  /** Queues bytes; `onSent` is called when they have left this process. Ignored once closed. */
  write(bytes: Uint8Array, onSent?: () => void): void;
  /** Stops reading, so that the peer is held back. */
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
}

/** What a plain connection tells whoever holds it. */
export interface ByteConnectionEvents {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /**
   * Exactly once, also when the connection never opened. `clean` if the peer has ended it after all that it
   * sent: what ends with its connection is whole then. Not after a reset, or an end that we made; never over TLS, where
   * nothing tells the peer's end from that of somebody on the way.
   */
  onClose(reason: string, clean: boolean): void;
}

/** How long an HTTP request may take. */
export interface RequestOptions {
  /** How long the head of the answer may take, and each piece of a body that is read whole; a stream has no limit. */
  readonly timeoutMs: Millis;
  /** Gives the request up, or ends a body that is still streaming. */
  readonly signal?: AbortSignal;
  /** Longest body that is read whole, decompressed; a longer one fails with `EMSGSIZE`. Default: 256 MiB. */
  readonly bodyBytesMax?: number;
  /**
   * `https`: never without TLS. Whom to trust is said by the TLS options of the network; where it has none, by the
   * authorities that Node.js trusts (`NODE_EXTRA_CA_CERTS`), and the certificate must name the host. Simulated networks have no TLS.
   */
  readonly secure?: boolean;
}

/** The network as one node sees it. */
export interface Network {
  /** Serves HTTP, libprocess messages and upgrades on one port. Fails with `NetworkError`. */
  listen(
    address: { readonly ip: string; readonly port: number },
    acceptor: Acceptor,
  ): Future<Listener>;
  /**
   * Opens a framed connection. `decided` is called once, never synchronously; when the kind is
   * `open` its return value listens to the connection. Disposing gives the dial up.
   */
  dial(
    options: DialOptions,
    decided: (outcome: DialOutcome) => ConnectionEvents | undefined,
  ): Disposable;
  /**
   * Sends one HTTP request to `ip:port` and is ready when the head of the answer has come. A `reader`
   * of the request is sent as it is written. The body of the answer is bytes when it was sent whole,
   * and a reader when it is a stream: read it or close it. A read that fails means that the stream
   * broke off. Fails with `NetworkError`: nothing is then known about whether the peer acted.
   */
  request(
    address: string,
    request: Omit<Request, 'remoteAddress'>,
    options: RequestOptions,
  ): Future<Response>;
  /** Opens a raw byte connection to `ip:port`; writes before `onOpen` are queued. */
  connect(address: string, events: ByteConnectionEvents): ByteConnection;
}
