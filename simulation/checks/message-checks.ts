import type { Millis } from '../../libprocess/clock.ts';
import type { Message } from '../../libprocess/message.ts';
import type { EventOf, History, NodeLife } from './history.ts';
import { PerLife } from './per-life.ts';

/** Delivered messages of one lane that are still known if they come again. */
const REMEMBERED_MAX = 16;
/** Lives before the present one whose words may still be on their way. */
const LIVES_MAX = 4;
/** Messages on one lane that may still come: a master that was stopped answers thousands at once. */
const WAITING_MAX = 65_536;
/** How long a link that was to be made anew holds messages back, and a little more. */
const PROBE_MS: Millis = 1_100;
/** What was sent so long ago has arrived at rest, or somebody was told. */
const OWED_AFTER_MS: Millis = 60_000;

interface Sent {
  readonly message: Message;
  /** How often its node had lost the way there. */
  readonly epoch: number;
  readonly atMs: Millis;
  /** It may have been held back while a connection had to prove itself, and outlive that. */
  readonly probed: boolean;
  /** The probe has just begun: it is held back for certain. */
  readonly held: boolean;
  /** Others say the same, and nobody knows which of them has come. */
  doubtful: boolean;
}

/** All that one life of a node says to one address. */
interface Lane {
  /** Not delivered so far, oldest first. */
  waiting: Sent[];
  /** The last that were delivered. */
  delivered: Message[];
  epoch: number;
  probedUntilMs: Millis;
  /** Of the last delivery: by whom it was taken, and after how many losses on either side. */
  paired: { receiver: NodeLife; sentEpoch: number; receivedEpoch: number } | undefined;
}

/**
 * P2, P3, P4, P14 and a part of P7: what one node says to another comes whole, once and in order, and
 * without gaps as long as neither has been told of a loss. Nothing crosses a loss.
 */
export class MessageChecks {
  readonly #history: History;
  /** The lives at an address that may still be heard of, oldest first. */
  readonly #lives = new Map<string, NodeLife[]>();
  readonly #lanes = new PerLife<Map<string, Lane>>(() => new Map());

  constructor(history: History) {
    this.#history = history;
    history.on('begun', ({ node }) => this.#begun(node));
    history.on('sent', (event) => this.#sent(event));
    history.on('delivered', (event) => this.#arrived(event));
    history.on('undelivered', (event) => this.#arrived(event));
    history.on('linked', ({ node, to, mode }) => {
      if (mode === 'reconnect')
        this.#lane(node, to.address).probedUntilMs = history.nowMs + PROBE_MS;
    });
    history.on('lost', ({ node, address }) => {
      this.#lane(node, address).epoch += 1;
    });
    history.onRest(() => this.#rest());
  }

  #begun(life: NodeLife): void {
    const before = this.#lives.get(life.address)?.slice(-LIVES_MAX) ?? [];
    this.#lives.set(life.address, [...before, life]);
  }

  #sent({ node, message }: EventOf<'sent'>): void {
    if (message.to.address === node.address) return;
    const lane = this.#lane(node, message.to.address);
    const atMs = this.#history.nowMs;
    lane.waiting.push({
      message,
      epoch: lane.epoch,
      atMs,
      probed: atMs <= lane.probedUntilMs,
      held: Math.abs(lane.probedUntilMs - PROBE_MS - atMs) < 0.001,
      doubtful: false,
    });
    if (lane.waiting.length > WAITING_MAX) lane.waiting.shift();
  }

  #arrived({ node, message }: EventOf<'delivered' | 'undelivered'>): void {
    const { address } = message.from;
    if (address === node.address) return;
    const lives = this.#lives.get(address) ?? [];
    for (const life of lives) {
      const lane = this.#lanes.of(life).get(node.address);
      const place = lane ? placeOf(message, lane.waiting) : -1;
      const taken = lane?.waiting[place];
      if (!lane || !taken) continue;
      const skipped = lane.waiting.splice(0, place + 1);
      for (const other of lives) noteDoubt(taken, lane, this.#lane(other, node.address));
      this.#taken({ lane, taken, skipped, node });
      // P14: nothing that an earlier life said to this one may follow.
      if (!taken.doubtful) this.#forgetBefore(life, lives, node.address);
      return;
    }
    const again = lives.some((life) =>
      this.#lane(life, node.address).delivered.some((known) => isSame(known, message)),
    );
    if (again) this.#violated('P3', message, 'is delivered twice, or after a later one');
    else this.#violated('P4', message, 'is delivered, and nobody has sent it');
  }

  #forgetBefore(life: NodeLife, lives: readonly NodeLife[], address: string): void {
    for (const former of lives) {
      if (former === life) return;
      this.#lane(former, address).waiting = [];
    }
  }

  #taken({ lane, taken, skipped, node }: Delivery): void {
    lane.delivered.push(taken.message);
    if (lane.delivered.length > REMEMBERED_MAX) lane.delivered.shift();
    if (taken.doubtful || taken.probed) return;
    const gap = skipped.find(
      (each) => each !== taken && each.epoch === taken.epoch && !each.doubtful && !each.probed,
    );
    if (gap)
      this.#violated('P7', gap.message, `is lost without a word, '${taken.message.name}' is not`);
    const receivedEpoch = this.#lane(node, taken.message.from.address).epoch;
    const { paired } = lane;
    if (paired?.receiver === node) {
      if (paired.sentEpoch !== taken.epoch && paired.receivedEpoch === receivedEpoch)
        this.#violated(
          'P7',
          taken.message,
          'comes after a loss of which its receiver was not told',
        );
      if (paired.sentEpoch === taken.epoch && paired.receivedEpoch !== receivedEpoch)
        this.#violated('P7', taken.message, 'comes after a loss of which its sender was not told');
    }
    lane.paired = { receiver: node, sentEpoch: taken.epoch, receivedEpoch };
  }

  /** Nothing waits for a connection for ever. */
  #rest(): void {
    for (const life of [...this.#lives.values()].flat()) {
      for (const [address, { waiting, epoch }] of this.#lanes.of(life)) {
        const receiver = this.#lives.get(address)?.at(-1);
        if (!life.alive || !receiver?.alive) continue;
        const owed = waiting.find((sent) => this.#isOwed(sent, epoch));
        if (!owed) continue;
        this.#violated('P7', owed.message, 'neither arrives nor is lost');
      }
    }
  }

  /** What is held back outlives the connection; the next one is there at once when all is calm. */
  #isOwed({ epoch, atMs, held, doubtful }: Sent, now: number): boolean {
    const { nowMs, calmSinceMs } = this.#history;
    if (doubtful || atMs > nowMs - OWED_AFTER_MS) return false;
    return epoch === now || (held && atMs >= calmSinceMs && epoch + 1 === now);
  }

  #lane(life: NodeLife, address: string): Lane {
    const lanes = this.#lanes.of(life);
    let lane = lanes.get(address);
    if (!lane) {
      lane = { waiting: [], delivered: [], epoch: 0, probedUntilMs: -1, paired: undefined };
      lanes.set(address, lane);
    }
    return lane;
  }

  #violated(id: string, { name, from, to }: Message, what: string): void {
    this.#history.violated(id, `'${name}' from ${from.toString()} to ${to.toString()} ${what}`);
  }
}

interface Delivery {
  readonly lane: Lane;
  readonly taken: Sent;
  /** With itself, what was sent before it and has not come. */
  readonly skipped: readonly Sent[];
  readonly node: NodeLife;
}

/** Where what has been sent waits; -1 if it does not. */
function placeOf(message: Message, waiting: readonly Sent[]): number {
  for (let place = 0; place < waiting.length; place += 1) {
    const sent = waiting[place];
    if (sent && isSame(sent.message, message)) return place;
  }
  return -1;
}

/** Of some that say the same, and that are not of one connection, nobody knows which one came. */
function noteDoubt(taken: Sent, own: Lane, lane: Lane): void {
  for (const other of lane.waiting) {
    const together = lane === own && other.epoch === taken.epoch;
    if ((taken.doubtful || !together) && isSame(other.message, taken.message))
      other.doubtful = taken.doubtful = true;
  }
}

const isSame = (one: Message, other: Message): boolean =>
  one.name === other.name &&
  one.to.id === other.to.id &&
  one.from.equals(other.from) &&
  Buffer.compare(one.bytes, other.bytes) === 0;
