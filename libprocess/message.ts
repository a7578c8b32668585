import type { MailboxEvent } from './event.ts';
import type { TraceHeaders } from './tracing/trace-context.ts';
import type { UPID } from './upid.ts';

/**
 * What libprocess needs to know of a wire type; the types themselves live above it. `decode` throws
 * on malformed bytes and skips fields it does not know.
 */
export interface MessageType<M> {
  /** Fully qualified protobuf name; doubles as the libprocess message name. */
  readonly fullName: string;
  encode(message: M): Uint8Array;
  decode(body: Uint8Array): M;
}

/**
 * A message on its way, and the event of the mailbox that it comes to: it is sent once. Within a node
 * the value travels by reference and is never copied: sender and receiver treat it as immutable. Bytes
 * are made when a message leaves the node, once.
 */
export class Message {
  readonly kind = 'message';
  /** What waits behind it in a mailbox. */
  next: MailboxEvent | undefined = undefined;
  readonly name: string;
  readonly from: UPID;
  readonly to: UPID;
  /** Set by the transport on what came from another node, so that it can hold its peer back. */
  arrival: Arrival | undefined = undefined;
  /** The trace that it belongs to, between nodes; set only where there is a tracer. */
  trace: TraceHeaders | undefined = undefined;
  readonly #type: MessageType<unknown> | undefined;
  readonly #value: unknown;
  #bytes: Uint8Array | undefined;

  // One call per message: positional, so that none allocates an object for its arguments.
  // eslint-disable-next-line max-params
  private constructor(
    name: string,
    from: UPID,
    to: UPID,
    type: MessageType<unknown> | undefined,
    value: unknown,
    bytes: Uint8Array | undefined,
  ) {
    this.name = name;
    this.from = from;
    this.to = to;
    this.#type = type;
    this.#value = value;
    this.#bytes = bytes;
  }

  static ofBytes({ name, from, to }: MessageHead, bytes: Uint8Array): Message {
    return new Message(name, from, to, undefined, undefined, bytes);
  }

  // eslint-disable-next-line max-params -- As above.
  static ofValue<M>(from: UPID, to: UPID, type: MessageType<M>, value: M): Message {
    return new Message(type.fullName, from, to, type, value, undefined);
  }

  /** The encoded body. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= this.#type?.encode(this.#value) ?? EMPTY);
  }

  /** The body as a value of `type`. Throws if it came as bytes and they are malformed. */
  as<M>(type: MessageType<M>): M {
    return this.#type === type ? (this.#value as M) : type.decode(this.bytes);
  }
}

/** Told once when a message that came from another node has been taken up, or dropped. */
export interface Arrival {
  handled(message: Message): void;
}

/** What a message says on its outside. */
export interface MessageHead {
  readonly name: string;
  readonly from: UPID;
  readonly to: UPID;
}

const EMPTY = new Uint8Array(0);
