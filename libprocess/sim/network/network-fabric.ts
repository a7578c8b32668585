import type { Millis } from '../../clock.ts';
import { NetworkError } from '../../errors.ts';
import type { Acceptor, ByteConnection, ByteConnectionEvents, Headers } from '../../network.ts';
import type { Incarnation } from '../incarnation.ts';
import { LAN, LinkConditions, type Latency } from './link-conditions.ts';
import { PipeEnd } from './pipe.ts';
import type { LaneEnvironment } from './pipe-lane.ts';
import type { SimRandom } from '../sim-random.ts';
import type { World } from '../world.ts';

/** A machine as the network sees it. */
export interface NetworkHost {
  readonly ip: string;
  readonly powered: boolean;
}

/** Who serves a port: a node, a socket, or a test's imitation of a peer that knows only bytes. */
export type Service =
  | { readonly kind: 'node'; readonly acceptor: Acceptor }
  | { readonly kind: 'socket'; readonly accept: (end: PipeEnd) => void }
  | { readonly kind: 'bytes'; readonly accept: RawService };

/** Takes a raw connection in; what it returns hears of the client's bytes. */
export type RawService = (client: ByteConnection, address: string) => ByteConnectionEvents;

interface Binding {
  readonly incarnation: Incarnation;
  readonly ip: string;
  readonly service: Service;
}

interface Pipe {
  readonly client: PipeEnd;
  readonly server: PipeEnd;
  readonly watches: readonly Disposable[];
}

/** What the two sides of a dial have told each other. */
export interface DecidedDial {
  readonly asked: Headers;
  readonly status: number;
  readonly answered: Headers;
}

/** An established simulated connection, for tests that break some. Addresses are `ip:port`. */
export interface SimLink {
  readonly client: string;
  readonly server: string;
  /** Both sides learn of the loss, each in its own time; what is under way is cut. */
  reset(): void;
  /** Only one side learns of it; the other finds out when it next sends, or never. */
  halfOpen(aware: 'client' | 'server'): void;
  /** One side reads nothing until disposed: windows fill up, and then the other side's buffers. */
  slowReader(side: 'client' | 'server'): Disposable;
}

/**
 * The network between all machines of a simulation. Connections behave as TCP's do: a partition
 * delays and does not lose, a killed process has its connections ended by its kernel, a machine
 * without power ends nothing, and its peers stay half-open until they send.
 */
export class NetworkFabric {
  readonly conditions: LinkConditions;
  /** Sees every dial that has arrived, once it is decided. */
  onUpgrade: ((dial: DecidedDial) => void) | undefined;
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #hosts = new Map<string, NetworkHost>();
  readonly #bindings = new Map<string, Binding[]>();
  readonly #pipes = new Set<Pipe>();
  readonly #environment: LaneEnvironment;
  #nextPort = EPHEMERAL_PORT_MIN;
  #pruneAt = PRUNE_MIN;

  constructor(world: World, latency: Latency = LAN) {
    this.#world = world;
    this.#random = world.random.split('network');
    this.conditions = new LinkConditions(this.#random.split('links'), latency);
    this.#environment = {
      world,
      conditions: this.conditions,
      random: this.#random.split('pipes'),
      powered: (ip) => this.#hosts.get(ip)?.powered ?? false,
    };
  }

  /** Cuts every link from a machine of `a` to one of `b`, and back unless `oneWay`. */
  partition(
    a: readonly string[],
    b: readonly string[],
    { oneWay = false }: { readonly oneWay?: boolean } = {},
  ): void {
    this.#world.record('network', `partition ${a.join()} ${oneWay ? '->' : '--'} ${b.join()}`);
    const [from, to] = [new Set(a.map(ipOf)), new Set(b.map(ipOf))];
    this.conditions.block(from, to);
    if (!oneWay) this.conditions.block(to, from);
  }

  /** Cuts one machine off from all others. */
  isolate(address: string): void {
    const ip = ipOf(address);
    this.partition(
      [ip],
      [...this.#hosts.keys()].filter((other) => other !== ip),
    );
  }

  /** Ends every partition; what it held up moves on. */
  heal(): void {
    this.#world.record('network', 'heal');
    this.conditions.heal();
    this.retry();
  }

  /** Established connections, oldest first. */
  links(): readonly SimLink[] {
    return [...this.#live()].map((pipe) => this.#link(pipe));
  }

  /** Serves raw bytes on a port: an imitation of a peer that is no node of ours. */
  serveBytes(incarnation: Incarnation, host: NetworkHost, service: RawServiceOptions): void {
    this.bind(incarnation, host, {
      ip: host.ip,
      port: service.port,
      service: { kind: 'bytes', accept: service.accept },
    });
  }

  addHost(host: NetworkHost): void {
    this.#hosts.set(host.ip, host);
  }

  /** The port taken, or an error. */
  bind(
    incarnation: Incarnation,
    host: NetworkHost,
    wanted: { readonly ip: string; readonly port: number; readonly service: Service },
  ): number | NetworkError {
    const { ip, port, service } = wanted;
    const failed = `Failed to listen on '${ip}:${port}'`;
    if (ip !== ANY && ip !== LOOPBACK_IP && ip !== host.ip) {
      return new NetworkError('EADDRNOTAVAIL', `${failed}: address is not of this machine`);
    }
    const taken = this.#bindings.get(host.ip) ?? [];
    this.#bindings.set(host.ip, taken);
    const used = (candidate: number): boolean =>
      taken.some((b) => b.ip.endsWith(`:${candidate}`) && overlaps(ipOf(b.ip), ip));
    if (port !== 0 && used(port)) {
      return new NetworkError('EADDRINUSE', `${failed}: address is in use`);
    }
    const chosen = port === 0 ? this.#freePort(used) : port;
    const binding: Binding = { incarnation, ip: `${ip}:${chosen}`, service };
    taken.push(binding);
    incarnation.onEnd(() => this.unbind(host, chosen, incarnation));
    return chosen;
  }

  unbind(host: NetworkHost, port: number, incarnation: Incarnation): void {
    const kept = (this.#bindings.get(host.ip) ?? []).filter(
      (b) => b.incarnation !== incarnation || !b.ip.endsWith(`:${port}`),
    );
    this.#bindings.set(host.ip, kept);
  }

  /**
   * Opens a connection. `opened` sets the client's handler; the server's is set by `accept`. A peer
   * that cannot be reached is tried again until the attempt is disposed, as a kernel does.
   */
  connect(attempt: ConnectAttempt): Disposable {
    const { incarnation, host } = attempt;
    const target = resolve(attempt.address, host);
    const state = { given: false };
    const retry = (delayMs: Millis): void => {
      const roundTripMs =
        this.conditions.delayMs(host.ip, target.ip) + this.conditions.delayMs(target.ip, host.ip);
      incarnation.after(roundTripMs, () => {
        if (state.given) return;
        if (this.#established(attempt, target)) return;
        incarnation.after(delayMs, () => !state.given && retry(2 * delayMs));
      });
    };
    retry(SYN_RETRY_MS);
    return { [Symbol.dispose]: () => void (state.given = true) };
  }

  /** Lets every stalled lane try again: after a partition or a power cut. */
  retry(): void {
    for (const { client, server } of this.#live()) {
      client.retry();
      server.retry();
    }
  }

  /** False if nobody answered at all. */
  #established(attempt: ConnectAttempt, target: Target): boolean {
    const { incarnation, host } = attempt;
    const machine = this.#hosts.get(target.ip);
    const reachable =
      machine?.powered &&
      !this.conditions.blocked(host.ip, target.ip) &&
      !this.conditions.blocked(target.ip, host.ip);
    if (!reachable) return false;
    const binding = this.#bindings
      .get(target.ip)
      ?.find((b) => b.ip.endsWith(`:${target.port}`) && overlaps(ipOf(b.ip), target.asked));
    if (!binding) {
      const message = `Failed to connect to '${attempt.address}': connection refused`;
      attempt.failed(new NetworkError('ECONNREFUSED', message));
      return true;
    }
    const local = `${target.asked === LOOPBACK_IP ? LOOPBACK_IP : host.ip}:${this.#ephemeralPort()}`;
    const addresses = { local, remote: attempt.address };
    const client = new PipeEnd(incarnation, { ip: host.ip, ...addresses });
    const mirrored = { local: attempt.address, remote: local };
    const server = new PipeEnd(binding.incarnation, { ip: machine.ip, ...mirrored });
    this.#join({ client, server }, host, machine);
    incarnation.record(`connected ${local} ${attempt.address}`);
    attempt.accept(server, binding.service);
    attempt.opened(client);
    return true;
  }

  #join(
    ends: Pick<Pipe, 'client' | 'server'>,
    clientHost: NetworkHost,
    serverHost: NetworkHost,
  ): void {
    const { client, server } = ends;
    PipeEnd.join(client, server, this.#environment);
    const watches = [
      client.incarnation.onEnd(() => client.abandon(clientHost.powered)),
      server.incarnation.onEnd(() => server.abandon(serverHost.powered)),
    ];
    if (this.#pipes.size >= this.#pruneAt) this.#pruneAt = 2 * this.#live().size + PRUNE_MIN;
    this.#pipes.add({ client, server, watches });
  }

  #live(): ReadonlySet<Pipe> {
    for (const pipe of this.#pipes) {
      if (!pipe.client.closed || !pipe.server.closed) continue;
      this.#pipes.delete(pipe);
      for (const watch of pipe.watches) watch[Symbol.dispose]();
    }
    return this.#pipes;
  }

  #link({ client, server }: Pipe): SimLink {
    const { remoteAddress, localAddress } = client;
    const sever = (end: PipeEnd): void => {
      const delayMs = this.#random.within(0, LOSS_NOTICED_MS_MAX);
      this.#world.after(delayMs, end.incarnation.id, () => end.sever('connection lost'));
    };
    return {
      client: localAddress,
      server: remoteAddress,
      reset: () => {
        this.#world.record('network', `reset ${localAddress} ${remoteAddress}`);
        sever(client);
        sever(server);
      },
      halfOpen: (aware) => {
        this.#world.record('network', `half-open ${localAddress} ${remoteAddress} ${aware}`);
        sever(aware === 'client' ? client : server);
      },
      slowReader: (side) => {
        this.#world.record('network', `slow reader ${localAddress} ${remoteAddress} ${side}`);
        const end = side === 'client' ? client : server;
        end.holdBack(true);
        return { [Symbol.dispose]: () => end.holdBack(false) };
      },
    };
  }

  #freePort(used: (port: number) => boolean): number {
    let port = this.#ephemeralPort();
    while (used(port)) port = this.#ephemeralPort();
    return port;
  }

  #ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port >= EPHEMERAL_PORT_MAX ? EPHEMERAL_PORT_MIN : port + 1;
    return port;
  }
}

export interface RawServiceOptions {
  readonly port: number;
  readonly accept: RawService;
}

export interface ConnectAttempt {
  readonly incarnation: Incarnation;
  readonly host: NetworkHost;
  readonly address: string;
  readonly accept: (server: PipeEnd, service: Service) => void;
  readonly opened: (client: PipeEnd) => void;
  readonly failed: (error: NetworkError) => void;
}

interface Target {
  readonly ip: string;
  readonly port: number;
  /** The address as it was asked for: loopback reaches what listens on loopback. */
  readonly asked: string;
}

function resolve(address: string, host: NetworkHost): Target {
  const asked = ipOf(address) === 'localhost' ? LOOPBACK_IP : ipOf(address);
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return { ip: asked === LOOPBACK_IP ? host.ip : asked, port, asked };
}

/** The address without a port, if it has one. */
function ipOf(address: string): string {
  const colon = address.lastIndexOf(':');
  const bare = colon < 0 || (address.includes('[') && !address.includes(']:'));
  return bare ? address : address.slice(0, colon);
}

function overlaps(bound: string, asked: string): boolean {
  return bound === asked || bound === ANY || asked === ANY;
}

const ANY = '0.0.0.0';
const LOOPBACK_IP = '127.0.0.1';
const EPHEMERAL_PORT_MIN = 32_768;
const EPHEMERAL_PORT_MAX = 60_999;
/** Ended connections are forgotten when at least this many are remembered. */
const PRUNE_MIN = 64;
const SYN_RETRY_MS = 1_000;
/** The two sides of a lost connection learn of it within this time, each for itself. */
const LOSS_NOTICED_MS_MAX = 500;
