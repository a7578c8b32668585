import assert from 'node:assert/strict';
import { RecentSet } from '../../libprocess/collections/recent-set.ts';
import { isTerminal } from '../../common/task-state.ts';
import { uuidText } from '../../common/uuid-text.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { StatusUpdate, StatusUpdateRecord, TaskState } from '../../proto/index.ts';

/** Mesos: STATUS_UPDATE_RETRY_INTERVAL_MIN and _MAX. */
export const RETRY_INTERVAL_MS_MIN: Millis = 10_000;
export const RETRY_INTERVAL_MS_MAX: Millis = 600_000;
/** Acknowledged updates that a stream still knows when an executor repeats them. */
const ACKNOWLEDGED_MAX = 128;
/** Delivered updates at the front of the queue before it is shortened. */
const COMPACT_AT = 1_024;

export type Input =
  | { readonly kind: 'update'; readonly update: StatusUpdate }
  | { readonly kind: 'acknowledgement'; readonly uuid: Uint8Array }
  /** The oldest record that was asked for and not yet reported is durable. */
  | { readonly kind: 'stored' }
  /** No acknowledgement came in time. */
  | { readonly kind: 'retry' }
  /** Whoever listens may have missed all that was sent. */
  | { readonly kind: 'resend' };

/** What the shell must do, in order. */
export type Effect =
  /** Make it durable, then say `stored`. */
  | { readonly kind: 'checkpoint'; readonly record: StatusUpdateRecord }
  /** The update is safe: its executor may forget it. Also said of a repeated one. */
  | { readonly kind: 'accepted'; readonly update: StatusUpdate }
  /** Send to the master, and `retry` unless acknowledged meanwhile. */
  | { readonly kind: 'forward'; readonly update: StatusUpdate; readonly retryAfterMs: Millis }
  /** The framework has it; after a terminal one the stream has ended. */
  | { readonly kind: 'acknowledged'; readonly update: StatusUpdate; readonly ended: boolean }
  | { readonly kind: 'ignored'; readonly reason: Ignored; readonly uuid: Uint8Array };

export type Ignored =
  'repeated acknowledgement' | 'unexpected acknowledgement' | 'update without uuid';

interface Pending {
  readonly uuid: string;
  readonly update: StatusUpdate;
  stored: boolean;
}

const NOTHING: readonly Effect[] = [];

/**
 * The updates of one task, delivered one at a time, in order, until each is acknowledged.
 *
 * ```
 * update ─► checkpoint ─stored─► accepted; if it is the head: forward ─► retry 10 s, 20 s … 10 min
 * acknowledgement of the head ─► checkpoint ─stored─► acknowledged; forward the next
 * ```
 *
 * Decides and reaches nothing: the same inputs give the same effects. What it says it knows is what
 * is durable, the latest state included.
 */
export class StatusUpdateStream {
  /** Oldest first, from `#first` on. Only the head is ever in flight to the master. */
  readonly #pending: Pending[] = [];
  #first = 0;
  readonly #known = new Map<string, Pending>();
  readonly #acknowledged = new RecentSet<string>(ACKNOWLEDGED_MAX);
  /** Records asked for and not yet durable. */
  readonly #storing: (() => readonly Effect[])[] = [];
  #acknowledging = false;
  #retryIntervalMs = RETRY_INTERVAL_MS_MIN;
  #latestState: TaskState | undefined;
  #ended = false;

  /** The stream that wrote `records`. What was never acknowledged waits for `resend`. */
  static recover(records: readonly StatusUpdateRecord[]): StatusUpdateStream {
    const stream = new StatusUpdateStream();
    for (const { type, update, uuid } of records) {
      if (type === 'UPDATE' && update) stream.#receive(update);
      else if (type === 'ACK' && uuid) stream.#acknowledge(uuid);
      while (stream.#storing.length > 0) stream.#stored();
    }
    return stream;
  }

  /** Whether the terminal update has been acknowledged, durably. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The newest durable state. */
  get latestState(): TaskState | undefined {
    return this.#latestState;
  }

  /** Keys of the updates that it knows: none of them begins a stream when it is repeated. */
  get uuids(): readonly string[] {
    return [...this.#acknowledged, ...this.#known.keys()];
  }

  get pendingCount(): number {
    return this.#pending.length - this.#first;
  }

  apply(input: Input): readonly Effect[] {
    switch (input.kind) {
      case 'update':
        return this.#receive(input.update);
      case 'acknowledgement':
        return this.#acknowledge(input.uuid);
      case 'stored':
        return this.#stored();
      case 'retry':
        // The timer was set for the update before; this one has not been sent yet.
        if (!this.#head?.stored || this.#acknowledging) return NOTHING;
        this.#retryIntervalMs = Math.min(this.#retryIntervalMs * 2, RETRY_INTERVAL_MS_MAX);
        return this.#forwardHead();
      case 'resend':
        this.#retryIntervalMs = RETRY_INTERVAL_MS_MIN;
        return this.#forwardHead();
    }
  }

  #receive(update: StatusUpdate): readonly Effect[] {
    if (!update.uuid) {
      return [{ kind: 'ignored', reason: 'update without uuid', uuid: new Uint8Array() }];
    }
    const uuid = uuidText(update.uuid);
    if (this.#acknowledged.has(uuid)) return [{ kind: 'accepted', update }];
    const known = this.#known.get(uuid);
    if (known) return known.stored ? [{ kind: 'accepted', update }] : NOTHING;

    const pending = { uuid, update, stored: false };
    this.#pending.push(pending);
    this.#known.set(uuid, pending);
    this.#storing.push(() => this.#updateStored(pending));
    return [{ kind: 'checkpoint', record: { type: 'UPDATE', update } }];
  }

  #updateStored(pending: Pending): readonly Effect[] {
    pending.stored = true;
    this.#latestState = pending.update.status.state;
    const accepted: Effect = { kind: 'accepted', update: pending.update };
    return pending === this.#head ? [accepted, ...this.#forwardHead()] : [accepted];
  }

  #acknowledge(uuid: Uint8Array): readonly Effect[] {
    const text = uuidText(uuid);
    if (this.#acknowledged.has(text)) {
      return [{ kind: 'ignored', reason: 'repeated acknowledgement', uuid }];
    }
    const head = this.#head;
    if (head?.uuid !== text || !head.stored || this.#acknowledging) {
      return [{ kind: 'ignored', reason: 'unexpected acknowledgement', uuid }];
    }
    this.#acknowledging = true;
    this.#acknowledged.add(text);
    this.#storing.push(() => this.#acknowledgementStored(head));
    return [{ kind: 'checkpoint', record: { type: 'ACK', uuid } }];
  }

  #acknowledgementStored(head: Pending): readonly Effect[] {
    assert(head === this.#head, 'only the head is acknowledged');
    this.#acknowledging = false;
    this.#retryIntervalMs = RETRY_INTERVAL_MS_MIN;
    this.#known.delete(head.uuid);
    this.#first += 1;
    if (this.#first === this.#pending.length || this.#first >= COMPACT_AT) {
      this.#pending.splice(0, this.#first);
      this.#first = 0;
    }
    this.#ended = isTerminal(head.update.status.state);
    return [
      { kind: 'acknowledged', update: head.update, ended: this.#ended },
      ...(this.#ended ? NOTHING : this.#forwardHead()),
    ];
  }

  #stored(): readonly Effect[] {
    const stored = this.#storing.shift();
    assert(stored, 'a record was asked for');
    return stored();
  }

  /** Not while its acknowledgement becomes durable: the next one is sent then. */
  #forwardHead(): readonly Effect[] {
    const head = this.#head;
    if (!head?.stored || this.#acknowledging) return NOTHING;
    const latest = this.#latestState ?? head.update.status.state;
    const update = { ...head.update, latest_state: latest };
    return [{ kind: 'forward', update, retryAfterMs: this.#retryIntervalMs }];
  }

  get #head(): Pending | undefined {
    return this.#pending[this.#first];
  }
}
