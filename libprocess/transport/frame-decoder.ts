import type { EndReason } from '../event.ts';
import { Message } from '../message.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';
import { UPID } from '../upid.ts';
import { CODEC_BYTES, END_FAILED, OPERATION } from './frame-encoder.ts';
import {
  INTERNED_BYTES_MAX,
  INTERNED_TEXTS_MAX,
  TEXT_BYTES_MAX,
  TRACE_BYTES_MAX,
} from './limits.ts';

export interface FrameSink {
  /** The body is a view into the frame. */
  onMessage(message: Message): void;
  onLink(id: string): void;
  onEnded(id: string, reason: EndReason): void;
}

interface Text {
  readonly text: string;
  /** As a process of the receiver. Made when first needed, like `remote`. */
  local: UPID | undefined;
  /** As a process of the sender. */
  remote: UPID | undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/**
 * Reads one direction of a link. The addresses of both ends are those of the link: a frame names
 * processes by their ids alone, so that no peer can speak for a third node.
 */
export class FrameDecoder {
  readonly #localAddress: string;
  readonly #remoteAddress: string;
  readonly #sink: FrameSink;
  #texts: Text[] = [];
  #textBytes = 0;
  /** Records of operations or codecs unknown here. */
  skipped = 0;

  /** Of the next message. What it says is looked at by whoever traces. */
  #trace: TraceHeaders | undefined;
  #frame: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(addresses: { readonly local: string; readonly remote: string }, sink: FrameSink) {
    this.#localAddress = addresses.local;
    this.#remoteAddress = addresses.remote;
    this.#sink = sink;
  }

  /**
   * Hands all records of a frame to the sink. Undefined, or why the peer must not be listened to any
   * more; records before the bad one have been handed over. Never throws, whatever the bytes.
   */
  decode(frame: Uint8Array): string | undefined {
    this.#frame = frame;
    this.#at = 0;
    let failure: string | undefined;
    while (failure === undefined && this.#at < frame.length) {
      const length = this.#varint(frame.length);
      const end = this.#at + length;
      if (length < 1 || end > frame.length) return 'a record is longer than its frame';
      failure = this.#record(end);
      this.#at = end;
    }
    return failure;
  }

  #record(end: number): string | undefined {
    const operation = this.#frame[this.#at++];
    switch (operation) {
      case OPERATION.message:
        return this.#message(end);
      case OPERATION.text:
        return this.#define(end);
      case OPERATION.reset:
        this.#texts = [];
        this.#textBytes = 0;
        return undefined;
      case OPERATION.link:
      case OPERATION.ended:
        return this.#control(operation, end);
      case OPERATION.trace:
        this.#trace = this.#traceText(end);
        return undefined;
      default:
        this.skipped += 1;
        return undefined;
    }
  }

  #message(end: number): string | undefined {
    const trace = this.#trace;
    this.#trace = undefined;
    const to = this.#text(end);
    const from = this.#text(end);
    const name = this.#text(end);
    if (!to || !from || !name || this.#at >= end) return 'a message without its head';
    if (this.#frame[this.#at++] !== CODEC_BYTES) {
      this.skipped += 1;
      return undefined;
    }
    to.local ??= new UPID(to.text, this.#localAddress);
    from.remote ??= new UPID(from.text, this.#remoteAddress);
    const head = { name: name.text, from: from.remote, to: to.local };
    const message = Message.ofBytes(head, this.#frame.subarray(this.#at, end));
    if (trace) message.trace = trace;
    this.#sink.onMessage(message);
    return undefined;
  }

  /** Anything too long to be one is nothing. */
  #traceText(end: number): TraceHeaders | undefined {
    if (end - this.#at > TRACE_BYTES_MAX) return undefined;
    const text = latin1.decode(this.#frame.subarray(this.#at, end));
    const [traceparent = '', ...rest] = text.split(' ');
    const tracestate = rest.join(' ');
    return tracestate === '' ? { traceparent } : { traceparent, tracestate };
  }

  #define(end: number): string | undefined {
    const size = end - this.#at;
    if (size > TEXT_BYTES_MAX) return 'a text above the limit';
    this.#textBytes += size;
    if (this.#texts.length >= INTERNED_TEXTS_MAX || this.#textBytes > INTERNED_BYTES_MAX) {
      return 'more texts than the limit';
    }
    try {
      const text = decoder.decode(this.#frame.subarray(this.#at, end));
      this.#texts.push({ text, local: undefined, remote: undefined });
      return undefined;
    } catch {
      return 'a text that is not UTF-8';
    }
  }

  #control(operation: 3 | 4, end: number): string | undefined {
    const text = this.#text(end);
    if (!text) return 'a control record without its process';
    if (operation === OPERATION.link) this.#sink.onLink(text.text);
    else this.#sink.onEnded(text.text, this.#endReason(end));
    return undefined;
  }

  /** Nodes of before say nothing of it, and later ones may say what is not known here. */
  #endReason(end: number): EndReason {
    return this.#at < end && this.#frame[this.#at] === END_FAILED ? 'failed' : 'ended';
  }

  #text(end: number): Text | undefined {
    return this.#texts[this.#varint(end)];
  }

  /** -1 if it is cut off or has more than 28 bits. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 28 && this.#at < end; shift += 7) {
      const byte = this.#frame[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }
}
