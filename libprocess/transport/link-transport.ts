import { BoundedMap } from '../collections/bounded-map.ts';
import type { EndReason } from '../event.ts';
import { Future } from '../future.ts';
import type { Request, Response } from '../http/http.ts';
import { accepted, notFound, text } from '../http/responses.ts';
import { isLoopback } from '../ip.ts';
import { Message } from '../message.ts';
import type { UpgradeDecision, UpgradeRequest } from '../network.ts';
import type { Runtime } from '../runtime.ts';
import { Timeout } from '../futures/timeout.ts';
import type { LinkMode, Transport, TransportEvents } from '../transport.ts';
import type { UPID } from '../upid.ts';
import { zeroCounters, type TransportCounters } from './counters.ts';
import {
  helloHeaders,
  ipOf,
  isAddress,
  LINK_PATH,
  readHello,
  speaksProtocol,
  type Hello,
} from './handshake.ts';
import { FORMER_PEERS_MAX, PEERS_MAX, POST_FORM_MS, POST_SPEAKERS_MAX } from './limits.ts';
import { Peer, type Flushable, type PeerContext } from './peer.ts';
import { decodePost, isPost } from './post-form.ts';
import { Watchers } from './watchers.ts';

export interface LinkTransportOptions {
  readonly runtime: Runtime;
  /** Advertised `ip:port` of the node. */
  readonly address: string;
  /** The node; a `ProcessManager` is one. */
  readonly events: PeerContext['events'];
  /** Where peers reach the node: closed after the links. */
  readonly listener?: AsyncDisposable;
  /** Refuse peers that claim another IP than that of their socket. Default: false. */
  readonly requirePeerAddressIpMatch?: boolean;
}

/**
 * Messages between nodes over one shared connection for each pair, and over HTTP POSTs with peers
 * that speak only those. A part of `startNode`, which also hands it what arrives at the port.
 */
export class LinkTransport implements Transport {
  readonly counters: TransportCounters = zeroCounters();
  readonly #runtime: Runtime;
  readonly #address: string;
  readonly #events: TransportEvents & { has(id: string): boolean };
  readonly #requireIpMatch: boolean;
  readonly #listener: AsyncDisposable | undefined;
  readonly #context: PeerContext;
  readonly #peers = new Map<string, Peer>();
  /** Addresses that have sent POSTs, and until when they need not be asked. */
  readonly #postUntil = new BoundedMap<string, Timeout>(POST_SPEAKERS_MAX);
  readonly #watchers = new Watchers<Peer>();
  #dirty: Flushable[] = [];
  #closed = false;

  constructor(options: LinkTransportOptions) {
    const { runtime, address, events } = options;
    this.#runtime = runtime;
    this.#address = address;
    this.#events = events;
    this.#listener = options.listener;
    this.#requireIpMatch = options.requirePeerAddressIpMatch ?? false;
    this.#context = {
      address,
      incarnation: runtime.random.uuid(),
      runtime,
      events,
      logger: runtime.logger.child('libprocess.transport'),
      counters: this.counters,
      dials: 0,
      formerDials: new BoundedMap(FORMER_PEERS_MAX),
      dirty: (link) => {
        this.#dirty.push(link);
        events.flushSoon();
      },
      watch: (id, peer) => {
        this.#watchers.add(id, peer);
      },
      unwatch: (peer) => {
        this.#watchers.removePeer(peer);
      },
      unused: (peer) => {
        if (this.#peers.get(peer.address) === peer) this.#peers.delete(peer.address);
      },
    };
  }

  /** Nodes that there is, or is to be, a connection with. */
  get peers(): number {
    return this.#peers.size;
  }

  send(message: Message): void {
    const peer = this.#peer(message.to.address);
    if (peer) peer.send(message);
    else this.#unreachable(message.to.address);
  }

  link(to: UPID, mode: LinkMode): void {
    const peer = this.#peer(to.address);
    if (peer) peer.link(to.id, mode);
    else this.#events.lost(to.address);
  }

  ended({ id }: UPID, reason: EndReason): void {
    for (const peer of this.#watchers.take(id)) peer.tellEnded(id, reason);
  }

  readonly flush = (): void => {
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    this.#dirty = [];
    for (const link of dirty) link.flush();
  };

  /** Answers a node that dials in. */
  upgrade(request: UpgradeRequest): UpgradeDecision {
    const refuse = (status: number): UpgradeDecision => {
      this.counters.refusedUpgrades += 1;
      const { address, incarnation, dials } = this.#context;
      return {
        accept: false,
        status,
        headers: helloHeaders({ address, incarnation, dial: dials }),
      };
    };
    const { path, headers, remoteAddress } = request;
    if (this.#closed) return refuse(503);
    if (path !== LINK_PATH) return refuse(404);
    // Nodes send no Origin: whoever does is a browser, led here by a page of somebody else.
    if (headers['origin'] !== undefined) return refuse(403);
    if (!speaksProtocol(headers)) return refuse(426);
    const hello = readHello(headers);
    if (!hello || hello.address === this.#address) return refuse(400);
    if (this.#peers.size >= PEERS_MAX) return refuse(503);
    const address = this.#addressOf(hello, remoteAddress);
    if (this.#requireIpMatch && address !== hello.address) return refuse(400);
    const peer = this.#peers.get(address) ?? new Peer(address, this.#context);
    const decision = peer.upgrade(hello);
    if (!decision.accept) return decision;
    return {
      ...decision,
      // Only now is it more than words, and worth remembering.
      opened: (connection) => {
        this.#peers.set(address, peer);
        return decision.opened(connection);
      },
    };
  }

  /** Takes a libprocess message in the POST form; undefined if the request is none. */
  post(request: Request): Future<Response> | undefined {
    if (!isPost(request)) return undefined;
    return Future.ready(this.#deliverPost(request));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    for (const peer of peers) peer.end(true);
    await this.#listener?.[Symbol.asyncDispose]();
  }

  /**
   * A claimed address is believed if the peer's socket has its IP, or if both are of this machine:
   * who comes from a loopback address may advertise another one, or the one that we do. Another peer (behind
   * NAT, say) is known by the address of its socket: nobody else answers to it, and only while it is open.
   */
  #addressOf({ address }: Hello, remoteAddress: string): string {
    const [claimed, actual] = [ipOf(address), ipOf(remoteAddress)];
    const local = isLoopback(actual) && (isLoopback(claimed) || claimed === ipOf(this.#address));
    return claimed === actual || local ? address : remoteAddress;
  }

  #deliverPost(request: Request): Response {
    const message = decodePost(request, this.#address);
    if (!(message instanceof Message)) return text(message.status, message.reason);
    const { address } = message.from;
    const sameIp = ipOf(address) === ipOf(request.remoteAddress);
    if (this.#requireIpMatch && !sameIp) {
      return text(400, 'The sender is not at the address it claims');
    }
    if (address === this.#address) return text(400, 'The sender claims to be of this node');
    if (!sameIp && this.#peers.get(address)?.linked) {
      return text(400, 'The sender claims to be of a node that speaks over a link');
    }
    if (sameIp && isAddress(address)) this.#speaksPost(address);
    if (!this.#events.has(message.to.id)) return notFound();
    this.#events.deliver(message);
    return accepted();
  }

  #peer(address: string): Peer | undefined {
    const known = this.#peers.get(address);
    if (known) return known;
    if (this.#closed || this.#peers.size >= PEERS_MAX || !isAddress(address)) return undefined;
    const peer = new Peer(address, this.#context);
    this.#peers.set(address, peer);
    if (this.#postUntil.get(address)?.expired === false) peer.speaksPost();
    return peer;
  }

  /** Nobody is remembered for long, or at the cost of many others, for a mere claim. */
  #speaksPost(address: string): void {
    this.#peers.get(address)?.speaksPost();
    this.#postUntil.set(address, Timeout.in(this.#runtime.clock, POST_FORM_MS));
  }

  #unreachable(address: string): void {
    this.counters.droppedMessages += 1;
    this.#events.lost(address);
  }
}
