import type { EndReason } from '../event.ts';
import type { Message } from '../message.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';
import {
  BATCH_BYTES_MAX,
  BATCHED_BODY_BYTES_MAX,
  INTERNED_BYTES_MAX,
  INTERNED_TEXTS_MAX,
  MESSAGE_BYTES_MAX,
  TEXT_BYTES_MAX,
  TRACE_BYTES_MAX,
} from './limits.ts';

/**
 * A frame is records one after another, each `length (varint), operation (byte), fields`:
 *
 * ```
 *   0 RESET                               both tables of texts start afresh
 *   1 TEXT     utf-8                      the next free number of the sender's table means this
 *   2 MESSAGE  to, from, name (varints), codec (byte), body
 *   3 LINK     process (varint)           the sender wants to hear of the end of a process
 *   4 ENDED    process (varint), 1 or -   a process that the receiver linked is no more; 1: it failed
 *   5 TRACE    utf-8                      the next message belongs to this trace: traceparent, tracestate
 * ```
 *
 * Receivers skip operations and codecs that they do not know, and what follows the fields that they do.
 */
export const OPERATION = { reset: 0, text: 1, message: 2, link: 3, ended: 4, trace: 5 } as const;

/** Behind the process of an ENDED. */
export const END_FAILED = 1;

/** How a body is written. Names already say what type it is; more codecs may come. */
export const CODEC_BYTES = 0;

/** Length, operation, three texts and codec of a message at their longest. */
const MESSAGE_HEAD_BYTES_MAX = 5 + 1 + 3 * 3 + 1;
/** Room that a batch begins with at least; most links carry little at a time. */
const BATCH_BYTES_INITIAL = 256;
const NOTHING = new Uint8Array(0);

export type EmitFrame = (frame: Uint8Array, messages: number) => void;

const encoder = new TextEncoder();

/** Writes one direction of a link. Frames are handed out whole and are never touched again. */
export class FrameEncoder {
  readonly #emit: EmitFrame;
  /** Given away with each frame, so that an idle link holds no memory. */
  #batch: Uint8Array = NOTHING;
  /** Length of the frame before: the next one is likely to need as much. */
  #previousLength = 0;
  readonly #texts = new Map<string, number>();
  #textBytes = 0;
  #length = 0;
  #messages = 0;

  constructor(emit: EmitFrame) {
    this.#emit = emit;
  }

  /** Whether anything waits for `flush`. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /** False, and nothing is written, if the message is above a limit. */
  message(message: Message): boolean {
    const body = message.bytes;
    const { name } = message;
    const to = message.to.id;
    const from = message.from.id;
    if (body.length > MESSAGE_BYTES_MAX || !fits(to) || !fits(from) || !fits(name)) return false;
    this.#makeRoomForTexts();
    const toNumber = this.#intern(to);
    const fromNumber = this.#intern(from);
    const nameNumber = this.#intern(name);
    const head = 2 + sizeOf(toNumber) + sizeOf(fromNumber) + sizeOf(nameNumber);
    const alone = body.length > BATCHED_BODY_BYTES_MAX;
    if (alone) this.flush();
    if (message.trace) this.#trace(message.trace);
    this.#reserve(MESSAGE_HEAD_BYTES_MAX + body.length);
    const target = this.#batch;
    let at = writeVarint(target, this.#length, head + body.length);
    target[at++] = OPERATION.message;
    at = writeVarint(target, at, toNumber);
    at = writeVarint(target, at, fromNumber);
    at = writeVarint(target, at, nameNumber);
    target[at++] = CODEC_BYTES;
    target.set(body, at);
    at += body.length;
    this.#length = at;
    this.#messages += 1;
    if (at >= BATCH_BYTES_MAX || alone) this.flush();
    return true;
  }

  link(id: string): void {
    this.#control(OPERATION.link, id);
  }

  ended(id: string, reason: EndReason = 'ended'): void {
    this.#control(OPERATION.ended, id, reason === 'failed' ? 1 : 0);
  }

  /** Hands out what has been written since the last frame. */
  flush(): void {
    if (this.#length === 0) return;
    const frame = this.#batch.subarray(0, this.#length);
    const messages = this.#messages;
    this.#batch = NOTHING;
    this.#previousLength = this.#length;
    this.#length = this.#messages = 0;
    this.#emit(frame, messages);
  }

  /** In the frame of its message, before it. One that is too long is left out. */
  #trace({ traceparent, tracestate = '' }: TraceHeaders): void {
    const bytes = encoder.encode(`${traceparent} ${tracestate}`);
    if (bytes.length > TRACE_BYTES_MAX) return;
    this.#reserve(MESSAGE_HEAD_BYTES_MAX + bytes.length);
    let at = writeVarint(this.#batch, this.#length, 1 + bytes.length);
    this.#batch[at++] = OPERATION.trace;
    this.#batch.set(bytes, at);
    this.#length = at + bytes.length;
  }

  #control(operation: number, id: string, failed: 0 | 1 = 0): void {
    if (!fits(id)) return;
    this.#makeRoomForTexts();
    const number = this.#intern(id);
    this.#reserve(MESSAGE_HEAD_BYTES_MAX);
    let at = writeVarint(this.#batch, this.#length, 1 + sizeOf(number) + failed);
    this.#batch[at++] = operation;
    at = writeVarint(this.#batch, at, number);
    if (failed === 1) this.#batch[at++] = END_FAILED;
    this.#length = at;
    if (at >= BATCH_BYTES_MAX) this.flush();
  }

  /** Between records only: numbers of one record must come from one table. */
  #makeRoomForTexts(): void {
    const full =
      this.#texts.size + 3 > INTERNED_TEXTS_MAX ||
      this.#textBytes + 3 * TEXT_BYTES_MAX > INTERNED_BYTES_MAX;
    if (!full) return;
    this.#texts.clear();
    this.#textBytes = 0;
    this.#reserve(2);
    this.#batch[this.#length++] = 1;
    this.#batch[this.#length++] = OPERATION.reset;
  }

  #intern(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.size;
    this.#texts.set(text, number);
    const bytes = encoder.encode(text);
    this.#textBytes += bytes.length;
    this.#reserve(MESSAGE_HEAD_BYTES_MAX + bytes.length);
    let at = writeVarint(this.#batch, this.#length, 1 + bytes.length);
    this.#batch[at++] = OPERATION.text;
    this.#batch.set(bytes, at);
    this.#length = at + bytes.length;
    return number;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#batch.length) return;
    const likely = this.#length === 0 ? this.#previousLength : 2 * this.#batch.length;
    // From Node's pool and not zeroed: all that leaves has been written.
    const larger = Buffer.allocUnsafe(Math.max(needed, likely, BATCH_BYTES_INITIAL));
    larger.set(this.#batch.subarray(0, this.#length));
    this.#batch = larger;
  }
}

/** A string of n characters has at most 3n bytes: short ones need no counting. */
function fits(text: string): boolean {
  return text.length * 3 <= TEXT_BYTES_MAX || encoder.encode(text).length <= TEXT_BYTES_MAX;
}

function sizeOf(value: number): number {
  return value < 0x80
    ? 1
    : value < 0x4000
      ? 2
      : value < 0x20_0000
        ? 3
        : value < 0x1000_0000
          ? 4
          : 5;
}

function writeVarint(target: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}
