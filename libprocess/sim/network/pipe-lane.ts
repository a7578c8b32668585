import type { Millis } from '../../clock.ts';
import type { LinkConditions } from './link-conditions.ts';
import type { PipeEnd, PipeItem } from './pipe.ts';
import type { SimRandom } from '../sim-random.ts';
import type { World } from '../world.ts';

/** What a lane needs to know of the network around it. */
export interface LaneEnvironment {
  readonly world: World;
  readonly conditions: LinkConditions;
  readonly random: SimRandom;
  powered(ip: string): boolean;
}

interface Parcel {
  readonly item: PipeItem;
  readonly sizeBytes: number;
  readonly onSent?: (() => void) | undefined;
}

/**
 * One direction of a TCP connection: queued in the sender, under way (both kernels' buffers and the
 * wire), delivered in order. A partition stalls it; it breaks only when the sender's kernel has
 * retransmitted for too long.
 *
 * ```
 *   queue ──window──► wire ──latency──► waiting (reader paused) ──► receiver
 *                       └─ partition ─► stalled ── heal ──► wire
 * ```
 */
export class PipeLane {
  readonly #from: PipeEnd;
  readonly #to: PipeEnd;
  readonly #environment: LaneEnvironment;
  #queue: Parcel[] = [];
  #wire: Parcel[] = [];
  #stalled: Parcel[] = [];
  #waiting: Parcel[] = [];
  #bufferedBytes = 0;
  #underWayBytes = 0;
  #lastArrivalMs: Millis = 0;
  #pumpDue = false;
  #paused = false;
  #held = false;
  #dropped = false;

  constructor(from: PipeEnd, to: PipeEnd, environment: LaneEnvironment) {
    this.#from = from;
    this.#to = to;
    this.#environment = environment;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Accepted from the sender and not yet left for its kernel. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  push(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.#bufferedBytes += parcel.sizeBytes;
    this.#pumpSoon(0);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#environment.world.after(0, this.#to.incarnation.id, () => this.#deliverWaiting());
  }

  /** A fault: the receiver does not come to reading, whatever it wants. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) return;
    this.#environment.world.after(0, this.#to.incarnation.id, () => this.#deliverWaiting());
  }

  /** The receiver is gone: what it has not read is lost, and what still comes is bounced. */
  dropReceived(): void {
    this.#dropped = true;
    this.#waiting = [];
    this.#underWayBytes = 0;
  }

  /** The sender is gone without a word: of what is under way a prefix still arrives. */
  dropSent(): void {
    this.#queue = [];
    this.#bufferedBytes = 0;
    this.#stalled = [];
    this.#cut();
  }

  /** Cuts what is under way after a prefix and lets a reset follow it. */
  reset(): void {
    this.#queue = [];
    this.#bufferedBytes = 0;
    this.#cut();
    this.#depart({ item: { kind: 'reset' }, sizeBytes: 0 });
  }

  /** Tries again what a partition held up. */
  retry(): void {
    if (this.#stalled.length === 0 || this.#blocked()) return;
    // What is on its way already was sent after what is stalled, and must not overtake it.
    const held = [...this.#stalled, ...this.#wire.map((parcel) => ({ ...parcel }))];
    this.#stalled = [];
    this.#wire = [];
    this.#lastArrivalMs =
      this.#environment.world.nowMs + this.#environment.random.within(0, RETRANSMISSION_MS_MAX);
    for (const parcel of held) this.#depart(parcel);
  }

  #cut(): void {
    const { random } = this.#environment;
    if (random.chance(0.5)) return;
    this.#wire = this.#wire.slice(0, random.between(0, this.#wire.length));
  }

  #pumpSoon(delayMs: Millis): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    this.#environment.world.after(delayMs, this.#from.incarnation.id, () => {
      this.#pumpDue = false;
      // A stopped process hands nothing to its kernel.
      this.#from.incarnation.enter(() => this.#pump());
    });
  }

  #pump(): void {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const room = WINDOW_BYTES - this.#underWayBytes;
      if (this.#underWayBytes > 0 && next.sizeBytes > room) return;
      this.#queue.shift();
      this.#bufferedBytes -= next.sizeBytes;
      this.#underWayBytes += next.sizeBytes;
      this.#depart(next);
      next.onSent?.();
    }
  }

  #depart(parcel: Parcel): void {
    const { world, conditions } = this.#environment;
    const arrival = world.nowMs + conditions.delayMs(this.#from.ip, this.#to.ip);
    this.#lastArrivalMs = Math.max(arrival, this.#lastArrivalMs);
    this.#wire.push(parcel);
    world.after(this.#lastArrivalMs - world.nowMs, this.#to.incarnation.id, () =>
      this.#arrive(parcel),
    );
  }

  /** What was sent before is due as well, though its time may have been rounded up. */
  #arrive(parcel: Parcel): void {
    const index = this.#wire.indexOf(parcel);
    if (index < 0) return;
    for (const due of this.#wire.splice(0, index + 1)) this.#arrived(due);
  }

  #arrived(parcel: Parcel): void {
    if (this.#stalled.length > 0 || this.#blocked()) this.#stall(parcel);
    else if (this.#to.closed || !this.#to.incarnation.alive) this.#bounce(parcel);
    else {
      this.#waiting.push(parcel);
      this.#deliverWaiting();
    }
  }

  #stall(parcel: Parcel): void {
    this.#stalled.push(parcel);
    if (this.#stalled.length > 1) return;
    const { world } = this.#environment;
    world.after(RETRANSMISSION_TIMEOUT_MS, this.#from.incarnation.id, () => {
      if (this.#stalled[0] === parcel) this.#from.sever('connection timed out');
    });
  }

  /** Nobody is there: the receiving kernel answers with a reset, which a partition may hold up. */
  #bounce(parcel: Parcel): void {
    const { kind } = parcel.item;
    if (kind === 'reset' || kind === 'fin') return;
    const { world, conditions } = this.#environment;
    const delayMs = conditions.delayMs(this.#to.ip, this.#from.ip);
    world.after(delayMs, this.#from.incarnation.id, () => {
      if (conditions.blocked(this.#to.ip, this.#from.ip)) this.#stall(parcel);
      else this.#from.sever('connection reset');
    });
  }

  #deliverWaiting(): void {
    const [parcel] = this.#waiting;
    if (!parcel || this.#paused || this.#held || this.#dropped) return;
    this.#waiting.shift();
    this.#to.incarnation.enter(() => {
      if (this.#dropped) return;
      this.#consumed(parcel);
      this.#to.receive(parcel.item);
      this.#deliverWaiting();
    });
  }

  #consumed({ sizeBytes }: Parcel): void {
    this.#underWayBytes -= sizeBytes;
    const { conditions } = this.#environment;
    if (this.#queue.length > 0) this.#pumpSoon(conditions.delayMs(this.#to.ip, this.#from.ip));
  }

  #blocked(): boolean {
    const { conditions } = this.#environment;
    return (
      conditions.blocked(this.#from.ip, this.#to.ip) || !this.#environment.powered(this.#to.ip)
    );
  }
}

/** What both kernels hold between a sender and a reader that does not read. */
const WINDOW_BYTES = 256 * 1_024;
/** Longest wait of a retransmission after a partition has healed. */
const RETRANSMISSION_MS_MAX = 1_000;
/** How long a kernel retransmits before it gives a connection up (Linux: about 15 minutes). */
const RETRANSMISSION_TIMEOUT_MS = 924_600;
