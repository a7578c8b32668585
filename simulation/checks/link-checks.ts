import type { Millis } from '../../libprocess/clock.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { EventOf, History, NodeLife } from './history.ts';
import { PerLife } from './per-life.ts';

/** A link that is made while its target starts may be to what comes up meanwhile. */
const DIALED_WITHIN_MS: Millis = 15_000;
/** What ended so long ago has been told at rest. */
const TOLD_WITHIN_MS: Millis = 60_000;

/** How long a connection may be half open and nobody notices. */
const NOTICED_WITHIN_MS: Millis = 120_000;

/** One end of a connection may hear so long before the other that it is lost. */
const HEARD_BEFORE_MS: Millis = 60_000;

interface Link {
  readonly to: UPID;
  readonly atMs: Millis;
}

/** What one life of a node has asked to hear, by linker and then by what is linked. */
interface Books {
  readonly links: Map<string, Map<string, Link>>;
  /** Told in this very turn, and not known yet to be for the loss of a connection. */
  told: Link[];
  /** When the connection to an address was lost last. */
  readonly lostAtMs: Map<string, Millis>;
  /** Linked processes that have ended, of which this node is yet to be told; others may come in their places. */
  readonly endsUnderWay: Set<string>;
}

/** One process of one life of a node. */
interface Life {
  readonly node: NodeLife;
  readonly beganAtMs: Millis;
}

/**
 * P7, P8: for each link exactly one `exited`, if and when what it is to has ended or a connection to it
 * was lost. P5: a process that has ended says nothing any more.
 */
export class LinkChecks {
  readonly #history: History;
  readonly #books = new PerLife<Books>(() => ({
    links: new Map(),
    told: [],
    lostAtMs: new Map(),
    endsUnderWay: new Set(),
  }));
  /** Of each node that lives. */
  readonly #nodes = new Map<string, NodeLife>();
  /** The processes that live, by UPID. */
  readonly #lives = new Map<string, Life>();
  readonly #ended = new WeakSet<UPID>();

  constructor(history: History) {
    this.#history = history;
    history.on('begun', ({ node }) => {
      this.#nodes.set(node.address, node);
    });
    history.on('spawned', ({ node, pid }) => {
      this.#lives.set(pid.toString(), { node, beganAtMs: history.nowMs });
    });
    history.on('ended', (event) => this.#processEnded(event));
    history.on('linked', (event) => this.#linked(event));
    history.on('exited', (event) => this.#exited(event));
    history.on('lost', (event) => this.#lost(event));
    history.on('sent', ({ node, message }) => {
      this.#judge(node);
      if (this.#ended.has(message.from))
        history.violated('P5', `'${message.from.toString()}' has ended and says '${message.name}'`);
    });
    history.on('delivered', ({ node }) => this.#judge(node));
    history.onRest(() => this.#rest());
  }

  #linked({ node, linker, to }: EventOf<'linked'>): void {
    this.#judge(node);
    const { links, endsUnderWay } = this.#books.of(node);
    // Its end will be told to all who have linked it by then, also if it begins meanwhile.
    if (this.#lives.get(to.toString())?.node.alive !== true) endsUnderWay.add(to.toString());
    const text = linker.toString();
    const own = links.get(text) ?? new Map<string, Link>();
    links.set(text, own);
    // One that is in force already goes on as it is.
    if (!own.has(to.toString())) own.set(to.toString(), { to, atMs: this.#history.nowMs });
  }

  #exited({ node, linker, of }: EventOf<'exited'>): void {
    const books = this.#books.of(node);
    const own = books.links.get(linker.toString());
    const link = own?.get(of.toString());
    if (!own || !link) {
      this.#history.violated(
        'P8',
        `'${linker.toString()}' has no link to '${of.toString()}', and is told of its end`,
      );
      return;
    }
    own.delete(of.toString());
    books.told.push(link);
  }

  #lost({ node, address }: EventOf<'lost'>): void {
    const books = this.#books.of(node);
    const { nowMs, calmSinceMs } = this.#history;
    books.lostAtMs.set(address, nowMs);
    for (const text of books.endsUnderWay)
      if (text.endsWith(`@${address}`)) books.endsUnderWay.delete(text);
    if (nowMs > calmSinceMs + NOTICED_WITHIN_MS && this.#nodes.get(address)?.alive === true)
      this.#history.violated('P8', `'${node.address}' loses '${address}', and nothing is wrong`);
    books.told = books.told.filter(({ to }) => to.address !== address);
    this.#judge(node);
    for (const [linker, links] of books.links) {
      for (const { to } of links.values()) {
        if (to.address !== address) continue;
        this.#history.violated(
          'P7',
          `'${linker}' is not told that the connection to '${to.toString()}' was lost`,
        );
      }
    }
  }

  /** P8: whoever is told of an end without a lost connection is told the truth. */
  #judge(node: NodeLife): void {
    const books = this.#books.of(node);
    if (books.told.length === 0) return;
    for (const { to, atMs } of books.told) {
      const target = this.#lives.get(to.toString());
      if (!target?.node.alive || target.beganAtMs > atMs) continue;
      if (books.endsUnderWay.has(to.toString())) continue;
      this.#history.violated('P8', `'${to.toString()}' lives and is told to have ended`);
    }
    for (const { to } of books.told) books.endsUnderWay.delete(to.toString());
    books.told = [];
  }

  #processEnded({ node, pid }: EventOf<'ended'>): void {
    const text = pid.toString();
    this.#ended.add(pid);
    if (this.#lives.get(text)?.node === node) this.#lives.delete(text);
    for (const other of this.#nodes.values()) {
      const { links, endsUnderWay } = this.#books.of(other);
      if (other !== node && [...links.values()].some((own) => own.has(text)))
        endsUnderWay.add(text);
    }
    const { links } = this.#books.of(node);
    links.delete(text);
    for (const [linker, own] of links) {
      if (own.has(text))
        this.#history.violated('P7', `'${linker}' is not told that '${text}' has ended`);
    }
    this.#judge(node);
  }

  /** P7: no link is left to what ended long ago. */
  #rest(): void {
    for (const node of this.#nodes.values()) {
      if (!node.alive) continue;
      this.#judge(node);
      for (const [linker, own] of this.#books.of(node).links) {
        for (const link of own.values()) this.#checkInForce(linker, link);
      }
      this.#checkBothHeard(node);
    }
  }

  /** P7: of a connection that is lost while all is calm both ends are told, if late. */
  #checkBothHeard(node: NodeLife): void {
    for (const [address, lostAtMs] of this.#books.of(node).lostAtMs) {
      const other = this.#nodes.get(address);
      if (!other?.alive || lostAtMs < this.#history.calmSinceMs) continue;
      // It was a connection to the life before, which has ended without a word.
      if (other.beganAtMs > lostAtMs - HEARD_BEFORE_MS) continue;
      const heardAtMs = this.#books.of(other).lostAtMs.get(node.address) ?? -Infinity;
      if (heardAtMs > lostAtMs - HEARD_BEFORE_MS) continue;
      this.#history.violated('P7', `'${address}' never heard that '${node.address}' lost it`);
    }
  }

  #checkInForce(linker: string, { to, atMs }: Link): void {
    const target = this.#lives.get(to.toString());
    const same = target?.node.alive === true && target.beganAtMs <= atMs + DIALED_WITHIN_MS;
    const sinceMs = target?.beganAtMs ?? this.#nodes.get(to.address)?.beganAtMs ?? atMs;
    if (same || sinceMs > this.#history.nowMs - TOLD_WITHIN_MS) return;
    this.#history.violated('P7', `'${linker}' was never told that '${to.toString()}' has ended`);
  }
}
