import type { Headers } from '../../network.ts';
import type { Request, Response } from '../../http/http.ts';
import type { Incarnation } from '../incarnation.ts';
import { PipeLane, type LaneEnvironment } from './pipe-lane.ts';

/** What travels through a pipe, in order. `fin` and `reset` end it, `eof` one direction of a socket. */
export type PipeItem =
  | { readonly kind: 'upgrade'; readonly path: string; readonly headers: Headers }
  | { readonly kind: 'decision'; readonly status: number; readonly headers: Headers }
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  /** With a body that streams, chunks and an end follow. */
  | {
      readonly kind: 'request';
      readonly request: Omit<Request, 'remoteAddress' | 'reader'>;
      readonly streams: boolean;
    }
  | { readonly kind: 'answer'; readonly response: Response & { readonly body: Uint8Array } }
  | { readonly kind: 'head'; readonly status: number; readonly headers: Headers }
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'eof' }
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' };

export interface PipeHandler {
  onItem(item: PipeItem): void;
  /** Exactly once, last; never within a call of this end's own methods. `clean` if the peer finished. */
  onClose(reason: string, clean: boolean): void;
}

/** One process's end of a simulated TCP connection. */
export class PipeEnd {
  readonly incarnation: Incarnation;
  /** Of the machine, also when the address is a loopback one. */
  readonly ip: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  #handler: PipeHandler | undefined;
  #outgoing: PipeLane | undefined;
  #incoming: PipeLane | undefined;
  #closed = false;
  #finishing = false;
  #closeTimer: Disposable | undefined;

  constructor(
    incarnation: Incarnation,
    addresses: { readonly ip: string; readonly local: string; readonly remote: string },
  ) {
    this.incarnation = incarnation;
    this.ip = addresses.ip;
    this.localAddress = addresses.local;
    this.remoteAddress = addresses.remote;
  }

  /** Joins two ends. The handlers must be set before the next turn. */
  static join(a: PipeEnd, b: PipeEnd, environment: LaneEnvironment): void {
    const there = new PipeLane(a, b, environment);
    const back = new PipeLane(b, a, environment);
    a.#outgoing = b.#incoming = there;
    b.#outgoing = a.#incoming = back;
  }

  set handler(handler: PipeHandler) {
    this.#handler = handler;
  }

  /** The process has no use for this end any more, or never learnt of its end. */
  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return this.#incoming?.paused ?? false;
  }

  get bufferedBytes(): number {
    return this.#outgoing?.bufferedBytes ?? 0;
  }

  send(item: PipeItem, sizeBytes: number, onSent?: () => void): void {
    if (this.#closed || this.#finishing || !this.incarnation.alive) return;
    this.#outgoing?.push({ item, sizeBytes, onSent });
  }

  pause(): void {
    this.#incoming?.pause();
  }

  resume(): void {
    this.#incoming?.resume();
  }

  /** A fault: nothing that has arrived is read while it lasts. */
  holdBack(held: boolean): void {
    this.#incoming?.hold(held);
  }

  /** Lets what is queued leave, then ends; the peer answers with its own end. */
  finish(): void {
    if (this.#closed || this.#finishing || !this.incarnation.alive) return;
    this.send({ kind: 'fin' }, 0);
    this.#finishing = true;
    this.#closeTimer = this.incarnation.after(CLOSE_TIMEOUT_MS, () =>
      this.abort('close timed out'),
    );
  }

  /** Ends now: what is queued is lost, and of what is under way anything after a prefix. */
  abort(reason: string): void {
    if (this.#closed || !this.incarnation.alive) return;
    this.#closed = true;
    this.#outgoing?.reset();
    this.#incoming?.dropReceived();
    this.incarnation.post(() => this.#handler?.onClose(reason, false));
  }

  /** The process has died; its kernel, if still there, ends the connection for it. */
  abandon(kernelAlive: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#incoming?.dropReceived();
    if (kernelAlive) this.#outgoing?.reset();
    else this.#outgoing?.dropSent();
  }

  /** Tries again what a partition held up. */
  retry(): void {
    this.#outgoing?.retry();
  }

  /** A fault: this end learns that the connection is gone, and tells nobody. */
  sever(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing?.dropSent();
    this.#incoming?.dropReceived();
    this.incarnation.enter(() => this.#handler?.onClose(reason, false));
  }

  /** Called by the lane, in the turn of this end's process. */
  receive(item: PipeItem): void {
    if (this.#closed) return;
    if (item.kind === 'reset') this.sever('connection reset');
    else if (item.kind === 'fin') this.#peerFinished();
    else this.#handler?.onItem(item);
  }

  #peerFinished(): void {
    if (!this.#finishing) this.send({ kind: 'fin' }, 0);
    this.#closed = true;
    this.#closeTimer?.[Symbol.dispose]();
    this.#handler?.onClose('closed', true);
  }
}

/** How long a polite close may take before it becomes an abort; as `ws` has it. */
const CLOSE_TIMEOUT_MS = 30_000;
