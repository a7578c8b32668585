import type { BoundedMap } from '../collections/bounded-map.ts';
import type { EndReason } from '../event.ts';
import type { Logger } from '../logger.ts';
import type { Message } from '../message.ts';
import type { Connection, ConnectionEvents, DialOutcome, UpgradeDecision } from '../network.ts';
import type { Runtime } from '../runtime.ts';
import type { LinkMode, TransportEvents } from '../transport.ts';
import { UPID } from '../upid.ts';
import type { TransportCounters } from './counters.ts';
import { FramedLink, type LinkOwner } from './framed-link.ts';
import { helloHeaders, LINK_PATH, readHello, requestHeaders, type Hello } from './handshake.ts';
import {
  DIAL_TIMEOUT_MS,
  PROBE_TIMEOUT_MS,
  REDIAL_AFTER_FAILURE_MS,
  SHORT_LIVED_MS,
  YIELD_MS_MAX,
  YIELD_MS_MIN,
} from './limits.ts';
import { Outbox } from './outbox.ts';
import { PostLink, type PostLinkOwner } from './post-link.ts';

/** What a transport has to flush at the end of a slice. */
export interface Flushable {
  flush(): void;
}

/** What the peers of one node share. */
export interface PeerContext {
  readonly address: string;
  readonly incarnation: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly counters: TransportCounters;
  readonly events: TransportEvents & {
    /** Whether a process of that id runs on this node. */
    has(id: string): boolean;
  };
  /** Number of the latest dial; one count over all peers, so that it also grows for each of them. */
  dials: number;
  /** By address and incarnation, the last dials of what no longer is the other side of a peer: earlier ones may still come. */
  readonly formerDials: BoundedMap<string, number>;
  dirty(link: Flushable): void;
  /** The peer linked a process of this node ... */
  watch(id: string, by: Peer): void;
  /** ... and its links are gone. */
  unwatch(by: Peer): void;
  /** Nothing is known, wanted or waiting any more: the peer can be forgotten. */
  unused(peer: Peer): void;
}

/** Of the node at the other side: dials of this incarnation up to this number are stale. */
interface LastDial {
  readonly incarnation: string;
  readonly dial: number;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'dialing'; readonly dial: Disposable }
  | { readonly kind: 'waiting'; readonly timer: Disposable }
  | { readonly kind: 'linked'; readonly link: FramedLink; probe: Disposable | undefined }
  | { readonly kind: 'post'; readonly link: PostLink };

const IDLE: State = { kind: 'idle' };

/**
 * The way to one other node.
 *
 * ```
 *            send, link             101
 *   idle ───────────────► dialing ───────────────► linked
 *    ▲                     │ │  ▲                   ▲  │ broken: lost
 *    │       no answer:    │ │  │ after a while     │  ▼
 *    │ lost      or 409    │ │  │                   │ idle
 *    │        ┌────────────┘ │  │                   │
 *    │        ▼              └──┼──► post (another answer: speaks only POST)
 *    └─── waiting ──────────────┘
 *              an upgrade from the peer: linked, from any state
 * ```
 *
 * Of two dials that cross, the one of the lower address stays: it refuses the other with 409. A
 * linked peer that dials again has lost its side, so that its new connection replaces the old one.
 */
export class Peer implements LinkOwner, PostLinkOwner {
  readonly address: string;
  readonly #context: PeerContext;
  readonly #outbox = new Outbox();
  /** Remote processes that the other side shall tell the end of. */
  readonly #linked = new Set<string>();
  #lastDial: LastDial | undefined;
  /** When the present link, or the latest, began. */
  #linkedAtMs = 0;
  #state: State = IDLE;

  constructor(address: string, context: PeerContext) {
    this.address = address;
    this.#context = context;
  }

  send(message: Message): void {
    const state = this.#state;
    if (state.kind === 'post' || (state.kind === 'linked' && !state.probe)) {
      if (!state.link.send(message)) this.#refused(message);
      return;
    }
    if (!this.#outbox.push(message)) {
      this.#context.counters.overflows += 1;
      this.#lost('more messages wait for a connection than the limit', 'drop');
      this.#forgetIfUnused();
    } else if (state.kind === 'idle') {
      this.#dial();
    }
  }

  link(id: string, mode: LinkMode): void {
    const state = this.#state;
    if (state.kind === 'post') {
      if (mode === 'reuse') state.link.link();
      else state.link.reconnect();
      return;
    }
    const asked = this.#linked.has(id);
    this.#linked.add(id);
    if (state.kind === 'idle') this.#dial();
    if (state.kind !== 'linked') return;
    if (!asked) state.link.link(id);
    if (mode === 'reconnect') this.#probe(state);
  }

  /** A process of this node that the peer had linked has ended. */
  tellEnded(id: string, reason: EndReason): void {
    if (this.#state.kind === 'linked') this.#state.link.ended(id, reason);
  }

  /** The peer has sent a message in the POST form: it need not be asked what it speaks. */
  speaksPost(): void {
    if (this.#state.kind !== 'idle' && this.#state.kind !== 'waiting') return;
    this.#leave();
    this.#post();
  }

  /** Whether a connection of our own protocol stands: over it comes all that the peer says. */
  get linked(): boolean {
    return this.#state.kind === 'linked';
  }

  /** Answers the peer's dial. */
  upgrade(hello: Hello): UpgradeDecision {
    const { counters, address, incarnation, dials } = this.#context;
    const last = this.#lastDialOf(hello.incarnation);
    const stale = last !== undefined && hello.dial <= last;
    const ownDialStays = this.#state.kind === 'dialing' && address < this.address;
    const headers = helloHeaders({ address, incarnation, dial: dials });
    if (stale || ownDialStays) {
      counters.refusedUpgrades += 1;
      return { accept: false, status: 409, headers };
    }
    const opened = (connection: Connection): ConnectionEvents => {
      const { kind } = this.#state;
      if (kind === 'linked' || kind === 'post') this.#lost('the peer has connected anew', 'keep');
      else this.#leave();
      return this.#attach(connection, hello);
    };
    return { accept: true, headers, opened };
  }

  /** Ends everything; `polite` lets what was sent leave. Nothing is told to the node. */
  end(polite: boolean): void {
    const state = this.#state;
    if (polite && (state.kind === 'linked' || state.kind === 'post')) {
      this.#state = IDLE;
      state.link.close();
    } else {
      this.#leave();
    }
  }

  onArrival(event: () => void): void {
    this.#context.events.arrived(event);
  }

  onMessage(message: Message): void {
    this.#context.events.deliver(message);
  }

  onDirty(link: Flushable): void {
    this.#context.dirty(link);
  }

  onIdle(): void {
    this.end(true);
    this.#forgetIfUnused();
  }

  #dial(): void {
    const context = this.#context;
    const number = (context.dials += 1);
    const dial = context.runtime.network.dial(
      {
        address: this.address,
        path: LINK_PATH,
        headers: requestHeaders({ ...context, dial: number }),
        timeoutMs: DIAL_TIMEOUT_MS,
      },
      (outcome) => {
        if (this.#state.kind === 'dialing' && this.#state.dial === dial)
          return this.#decided(outcome);
        if (outcome.kind === 'open') outcome.connection.terminate();
        return undefined;
      },
    );
    this.#state = { kind: 'dialing', dial };
  }

  #decided(outcome: DialOutcome): ConnectionEvents | undefined {
    if (outcome.kind === 'failed') {
      this.#failed(outcome.error.message);
      return;
    }
    const hello = readHello(outcome.headers);
    if (outcome.kind === 'open') {
      if (hello) return this.#attach(outcome.connection, hello);
      outcome.connection.terminate();
      this.#failed('the peer speaks another protocol');
      return;
    }
    if (!hello) this.#post();
    else if (outcome.status === 409) this.#yield();
    else {
      this.#failed(`the peer refused with status ${outcome.status}`);
      return;
    }
    return undefined;
  }

  #attach(connection: Connection, { incarnation, dial }: Hello): FramedLink {
    const context = this.#context;
    if (this.#lastDial?.incarnation !== incarnation) this.#rememberLastDial();
    this.#lastDial = { incarnation, dial };
    context.counters.linksOpened += 1;
    const link = new FramedLink({
      connection,
      local: context.address,
      remote: this.address,
      clock: context.runtime.clock,
      logger: context.logger,
      counters: context.counters,
      owner: this,
    });
    this.#state = { kind: 'linked', link, probe: undefined };
    this.#linkedAtMs = context.runtime.clock.monotonic();
    for (const id of this.#linked) link.link(id);
    this.#sendWaiting();
    return link;
  }

  /** The peer speaks only the POST form. */
  #post(): void {
    const context = this.#context;
    const link = new PostLink({
      address: this.address,
      network: context.runtime.network,
      clock: context.runtime.clock,
      counters: context.counters,
      owner: this,
    });
    this.#state = { kind: 'post', link };
    this.#linkedAtMs = context.runtime.clock.monotonic();
    if (this.#linked.size > 0) link.link();
    this.#linked.clear();
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (const message of this.#outbox.take()) this.send(message);
  }

  /** A connection that may be half open has to prove itself before it gets anything more. */
  #probe(state: State & { kind: 'linked' }): void {
    if (state.probe) return;
    state.link.flush();
    state.probe = this.#context.runtime.clock.timer(PROBE_TIMEOUT_MS, () => {
      if (this.#state === state) this.onBroken('the peer did not answer when asked to');
    });
    state.link.ping();
  }

  onPong(): void {
    const state = this.#state;
    if (state.kind !== 'linked' || !state.probe) return;
    state.probe[Symbol.dispose]();
    state.probe = undefined;
    this.#sendWaiting();
  }

  onLink(id: string): void {
    if (this.#context.events.has(id)) this.#context.watch(id, this);
    else this.tellEnded(id, 'ended');
  }

  onEnded(id: string, reason: EndReason): void {
    if (this.#linked.delete(id)) this.#context.events.ended(new UPID(id, this.address), reason);
  }

  /**
   * What a probe held back was not on the connection and is not lost with it. One that broke as
   * soon as it was made is as good as a failed dial: linkers that link again make no tight loop.
   */
  onBroken(reason: string): void {
    const livedMs = this.#context.runtime.clock.monotonic() - this.#linkedAtMs;
    this.#lost(reason, 'keep');
    if (livedMs < SHORT_LIVED_MS) this.#wait(REDIAL_AFTER_FAILURE_MS);
    else if (this.#outbox.size > 0) this.#dial();
    else this.#forgetIfUnused();
  }

  #failed(reason: string): undefined {
    this.#lost(reason, 'drop');
    this.#wait(REDIAL_AFTER_FAILURE_MS);
  }

  /** The peer will dial; if it does not, we do so again. */
  #yield(): void {
    const spread = this.#context.runtime.random.next() * (YIELD_MS_MAX - YIELD_MS_MIN);
    this.#wait(YIELD_MS_MIN + Math.floor(spread));
  }

  #wait(spanMs: number): void {
    const timer = this.#context.runtime.clock.timer(spanMs, () => {
      if (this.#state.kind !== 'waiting' || this.#state.timer !== timer) return;
      this.#state = IDLE;
      if (this.#outbox.size > 0 || this.#linked.size > 0) this.#dial();
      else this.#forgetIfUnused();
    });
    this.#state = { kind: 'waiting', timer };
  }

  /** Tells the node that something may not have arrived, here or there. Leaves the peer idle. */
  #lost(reason: string, outbox: 'keep' | 'drop'): void {
    const { counters, events, logger } = this.#context;
    if (this.#state.kind === 'linked') counters.linksLost += 1;
    this.#leave();
    this.#linked.clear();
    if (outbox === 'drop') counters.droppedMessages += this.#outbox.take().length;
    logger.debug('Lost the link to a node', { address: this.address, reason });
    events.lost(this.address);
  }

  /** Ends the present state without a word. */
  #leave(): void {
    const state = this.#state;
    this.#state = IDLE;
    if (state.kind === 'dialing') state.dial[Symbol.dispose]();
    else if (state.kind === 'waiting') state.timer[Symbol.dispose]();
    else if (state.kind === 'linked') {
      state.probe?.[Symbol.dispose]();
      state.link.terminate();
      this.#context.unwatch(this);
    } else if (state.kind === 'post') state.link.terminate();
  }

  #forgetIfUnused(): void {
    if (this.#state.kind !== 'idle' || this.#outbox.size > 0) return;
    this.#rememberLastDial();
    this.#context.unused(this);
  }

  #lastDialOf(incarnation: string): number | undefined {
    const last = this.#lastDial;
    if (last?.incarnation === incarnation) return last.dial;
    return this.#context.formerDials.get(this.#lifeOf(incarnation));
  }

  #rememberLastDial(): void {
    const last = this.#lastDial;
    if (last) this.#context.formerDials.set(this.#lifeOf(last.incarnation), last.dial);
  }

  /** Who lies about its incarnation does so at its own address only. */
  #lifeOf(incarnation: string): string {
    return `${this.address} ${incarnation}`;
  }

  #refused({ name, to, bytes }: Message): void {
    this.#context.counters.oversizedMessages += 1;
    this.#context.logger.error('Failed to send a message: it is above the limits', {
      name,
      to: to.toString(),
      bytes: bytes.length,
    });
  }
}
