import type { Millis } from '../../libprocess/clock.ts';
import type { Message, MessageType } from '../../libprocess/message.ts';
import type { LinkMode } from '../../libprocess/transport.ts';
import type { UPID } from '../../libprocess/upid.ts';

/** One life of one node: after a restart there is another at the same address. */
export interface NodeLife {
  readonly address: string;
  readonly beganAtMs: Millis;
  /** False once its process is gone. */
  readonly alive: boolean;
  /** Whether what has come to it may wait for its turn for seconds. Absent: no. */
  readonly busy?: boolean;
}

interface OnNode {
  readonly node: NodeLife;
}

/**
 * What can be observed of a cluster from outside, and all that checkers know of it. A simulation makes
 * these events as they happen; a trace of a real cluster would be read into the same ones.
 */
export type HistoryEvent =
  | ({ readonly kind: 'begun' } & OnNode)
  | ({ readonly kind: 'spawned' | 'ended'; readonly pid: UPID } & OnNode)
  /** A message leaves its process, is in the mailbox of another, or has come in vain. */
  | ({ readonly kind: 'sent' | 'delivered' | 'undelivered'; readonly message: Message } & OnNode)
  | ({
      readonly kind: 'linked';
      readonly linker: UPID;
      readonly to: UPID;
      readonly mode: LinkMode;
    } & OnNode)
  | ({ readonly kind: 'exited'; readonly linker: UPID; readonly of: UPID } & OnNode)
  /** A connection was lost, and all linkers on this node have been told. */
  | ({ readonly kind: 'lost'; readonly address: string } & OnNode)
  /** A value of the registry's storage was read; undefined if there was none. */
  | { readonly kind: 'fetched'; readonly entry: StoredEntry | undefined }
  /** One was to be written, and what came of it. */
  | {
      readonly kind: 'stored';
      readonly entry: StoredEntry;
      readonly expected: string | undefined;
      readonly outcome: 'stored' | 'changed' | 'fenced';
    };

export interface StoredEntry {
  readonly version: string;
  readonly epoch: number;
  readonly value: Uint8Array;
}

export type EventKind = HistoryEvent['kind'];
export type EventOf<K extends EventKind> = HistoryEvent & { readonly kind: K };

type Listener<K extends EventKind> = (event: EventOf<K>) => void;
type BodyListener<M> = (body: M, event: EventOf<'sent' | 'delivered'>) => void;

interface Typed {
  readonly type: MessageType<unknown>;
  readonly listeners: BodyListener<never>[];
}

/** Something that must not have happened. */
export interface Violation {
  /** Of the invariant. */
  readonly id: string;
  readonly what: string;
  readonly atMs: Millis;
}

/**
 * The stream of all that is observed, for any number of checkers. A checker subscribes to the kinds
 * that it needs, keeps a bounded amount for each object that lives, and says what does not hold.
 */
export class History {
  readonly violations: Violation[] = [];
  readonly #clock: () => Millis;
  readonly #onViolation: (violation: Violation) => void;
  readonly #listeners = new Map<EventKind, Listener<never>[]>();
  readonly #bodies = { sent: new Map<string, Typed>(), delivered: new Map<string, Typed>() };
  readonly #final: (() => void)[] = [];
  #calmSinceMs = Infinity;

  constructor(clock: () => Millis, onViolation: (violation: Violation) => void = () => undefined) {
    this.#clock = clock;
    this.#onViolation = onViolation;
  }

  /** Of the event that is being observed. */
  get nowMs(): Millis {
    return this.#clock();
  }

  on<K extends EventKind>(kind: K, listener: Listener<K>): void {
    const known = this.#listeners.get(kind);
    if (known) known.push(listener);
    else this.#listeners.set(kind, [listener]);
  }

  /** Hears of messages of one type only; their bodies are decoded for it, once for all who do. */
  onMessage<M>(kind: 'sent' | 'delivered', type: MessageType<M>, listener: BodyListener<M>): void {
    const ofKind = this.#bodies[kind];
    const known = ofKind.get(type.fullName);
    if (known) known.listeners.push(listener);
    else ofKind.set(type.fullName, { type, listeners: [listener] });
  }

  /** Runs `check` when all has come to rest. */
  onRest(check: () => void): void {
    this.#final.push(check);
  }

  see(event: HistoryEvent): void {
    for (const listener of this.#listeners.get(event.kind) ?? []) listener(event as never); // By kind.
    if (event.kind !== 'sent' && event.kind !== 'delivered') return;
    const typed = this.#bodies[event.kind].get(event.message.name);
    if (!typed) return;
    const body = event.message.as(typed.type);
    for (const listener of typed.listeners) listener(body as never, event as never); // By type.
  }

  /** Since when nothing breaks any more that was not broken before. */
  get calmSinceMs(): Millis {
    return this.#calmSinceMs;
  }

  /** There are no faults from now on; what they left behind may still be noticed. */
  calm(): void {
    this.#calmSinceMs = this.nowMs;
  }

  /** Everything has been healed and given its time: what is owed by now is owed for ever. */
  rest(): void {
    for (const check of this.#final) check();
  }

  violated(id: string, what: string): void {
    const violation = { id, what, atMs: this.nowMs };
    this.violations.push(violation);
    this.#onViolation(violation);
  }
}
