import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Connection, ConnectionEvents } from '../../network.ts';
import { FRAME_BYTES_MAX } from '../../transport/limits.ts';
import { FrameMeter } from './frame-meter.ts';
import type { UnfinishedFrames } from './unfinished-frames.ts';

/** Fragments of one frame, and pieces that it may arrive in, before the peer is cut off. */
const FRAGMENTS_MAX = 64;
const BUFFERED_CHUNKS_MAX = 4_096;
/** Pings from a peer in one second that are answered; ours sends one in ten. */
const PINGS_PER_SECOND_MAX = 10;
const SECOND_MS = 1_000;
/** How long the closing handshake may take. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Options of both ends: no compression, every size bounded. */
export const WEBSOCKET_LIMITS = {
  perMessageDeflate: false,
  maxPayload: FRAME_BYTES_MAX,
  maxFragments: FRAGMENTS_MAX,
  maxBufferedChunks: BUFFERED_CHUNKS_MAX,
  closeTimeout: CLOSE_TIMEOUT_MS,
  skipUTF8Validation: true,
} as const;

export interface WsConnectionOptions {
  readonly webSocket: WebSocket;
  /** What it runs over. */
  readonly socket: Socket;
  readonly remoteAddress: string;
  readonly unfinished: UnfinishedFrames;
}

/** A WebSocket as a `Connection`. Text frames, which no node sends, end it. */
export class WsConnection implements Connection {
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #bytes: Socket;
  readonly #unfinished: UnfinishedFrames;
  readonly #ip: string;
  readonly #meter = new FrameMeter();
  /** Of that, what is noted with those of other connections. */
  #heldBytes = 0;
  #pings = 0;
  #pingsSince = 0;

  constructor({ webSocket, socket, remoteAddress, unfinished }: WsConnectionOptions) {
    this.#socket = webSocket;
    this.#bytes = socket;
    this.#unfinished = unfinished;
    this.#ip = socket.remoteAddress ?? '';
    this.remoteAddress = remoteAddress;
  }

  get unfinishedBytes(): number {
    return this.#meter.unfinishedBytes;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Must be called in the turn in which the socket opened, or frames would go by unheard. */
  listen(events: ConnectionEvents): void {
    const socket = this.#socket;
    let reason = '';
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary && data instanceof Uint8Array) events.onFrame(data);
      else socket.terminate();
    });
    socket.on('pong', () => {
      events.onPong();
    });
    socket.on('ping', () => {
      this.#pinged();
    });
    const onBytes = (piece: Uint8Array): void => {
      this.#meter.push(piece);
      if (this.#meter.heldBytes === this.#heldBytes) return;
      const refusal = this.#hold(this.#meter.heldBytes);
      if (refusal === undefined) return;
      events.onOverfull(refusal);
      socket.terminate();
    };
    this.#bytes.on('data', onBytes);
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.once('close', (code) => {
      this.#bytes.off('data', onBytes);
      this.#hold(0);
      events.onClose(reason === '' ? `closed with code ${code}` : reason);
    });
  }

  send(frame: Uint8Array, onSent?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(
      frame,
      onSent &&
        ((error) => {
          if (!error) onSent();
        }),
    );
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Undefined, or why that is too much. */
  #hold(bytes: number): string | undefined {
    const more = bytes - this.#heldBytes;
    this.#heldBytes = bytes;
    return this.#unfinished.change(this.#ip, more);
  }

  #pinged(): void {
    const now = performance.now();
    if (now - this.#pingsSince >= SECOND_MS) {
      this.#pingsSince = now;
      this.#pings = 0;
    }
    this.#pings += 1;
    if (this.#pings > PINGS_PER_SECOND_MAX) this.#socket.terminate();
  }
}

/** `ip:port` of the other end; IPv6 in brackets. */
export function remoteAddressOf(socket: Socket): string {
  const ip = socket.remoteAddress ?? '0.0.0.0';
  const mapped = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
  return `${mapped.includes(':') ? `[${mapped}]` : mapped}:${socket.remotePort ?? 0}`;
}
