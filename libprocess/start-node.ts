import { ownProcesses } from './endpoints/own-processes.ts';
import { Future } from './future.ts';
import type { FirewallRule } from './http/access/firewall.ts';
import { READWRITE_REALM } from './http/access/http-access.ts';
import { foreignHost, isForged } from './http/cross-site.ts';
import { empty, forbidden, serviceUnavailable } from './http/responses.ts';
import { canonicalIp, hostPort } from './ip.ts';
import type { Acceptor, Listener } from './network.ts';
import { readNodeOptions, type NodeOptions } from './options/node-options.ts';
import type { Environment } from './options/option-reader.ts';
import { ProcessManager, type ProcessManagerOptions } from './process-manager.ts';
import type { Runtime } from './runtime.ts';
import type { NodeCounters } from './metrics/node-counters.ts';
import type { TransportCounters } from './transport/counters.ts';
import { isPost } from './transport/post-form.ts';
import { LinkTransport } from './transport/link-transport.ts';

/** Where a node listens, and what it is known by. */
export interface StartNodeOptions {
  readonly runtime: Runtime;
  /** Where to listen. Default: `LIBPROCESS_IP`, else `ip6`, else 127.0.0.1. */
  readonly ip?: string;
  /** An IPv6 address to listen on too, on the same port. Default: `LIBPROCESS_IP6`, else none. */
  readonly ip6?: string;
  /** 0 is any free port. Default: `LIBPROCESS_PORT`, else 0. */
  readonly port?: number;
  /**
   * What other nodes reach this one by, if not by `ip` and the port in use: of a proxy in front of it, say.
   * Default: `LIBPROCESS_ADVERTISE_IP` and `LIBPROCESS_ADVERTISE_PORT`.
   */
  readonly advertiseIp?: string;
  readonly advertisePort?: number;
  /** Process that gets HTTP requests whose first path component names no process. */
  readonly delegate?: string;
  /**
   * Refuse messages and links whose sender claims another IP than that of its socket. Default:
   * `LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH`, else false.
   */
  readonly requirePeerAddressIpMatch?: boolean;
  /** Where the defaults are read from. Default: the environment of this process. */
  readonly environment?: Environment;
  /**
   * Names, besides its IP, by which clients may call the node; those of `LIBPROCESS_HTTP_HOSTS` come on top.
   * Default: that of the machine.
   */
  readonly hostnames?: readonly string[];
  /** In force before the first request; `access.installFirewall` of the node takes its place. Default: none. */
  readonly firewall?: readonly FirewallRule[];
  readonly onFatal?: ProcessManagerOptions['onFatal'];
}

/**
 * Starts a node that others can reach: one port for messages, links and HTTP. Dispose it to end its
 * processes, its links and the port. Fails with `NetworkError` if it cannot listen, and with
 * `RuntimeError` if a variable of the environment is wrong.
 */
export async function startNode(options: StartNodeOptions): Promise<ProcessManager> {
  const { runtime } = options;
  const environment = options.environment ?? runtime.host.environment();
  const own = ownProcesses(environment);
  const preset = readNodeOptions(environment);
  const node: { acceptor?: Acceptor } = {};
  const listener = await listen(options, preset, {
    upgrade: (request) =>
      node.acceptor?.upgrade(request) ?? { accept: false, status: 503, headers: {} },
    streams: (request) => node.acceptor?.streams?.(request) ?? false,
    unread: (remoteAddress) => node.acceptor?.unread?.(remoteAddress),
    crowded: () => node.acceptor?.crowded?.(),
    request: (request) => node.acceptor?.request(request) ?? Future.ready(serviceUnavailable()),
  });
  const advertisedIp = options.advertiseIp ?? preset.advertiseIp ?? listener.ip;
  const address = hostPort(
    canonicalIp(advertisedIp) ?? advertisedIp,
    options.advertisePort ?? preset.advertisePort ?? listener.port,
  );
  const { delegate, onFatal } = options;
  const manager = new ProcessManager({
    runtime,
    address,
    ...(delegate !== undefined && { delegate }),
    ...(onFatal && { onFatal }),
  });
  manager.access.installFirewall(options.firewall ?? []);
  const transport = new LinkTransport({
    runtime: { ...runtime, clock: runtime.wireClock ?? runtime.clock },
    address,
    events: manager,
    listener,
    requirePeerAddressIpMatch:
      options.requirePeerAddressIpMatch ?? preset.requirePeerAddressIpMatch ?? false,
  });
  manager.attach(transport);
  const names = [...(options.hostnames ?? [runtime.host.hostname]), ...(preset.httpHosts ?? [])];
  node.acceptor = {
    upgrade: (request) => transport.upgrade(request),
    streams: (request) => !isPost(request) && manager.streams(request),
    unread: () => {
      manager.counters.unreadAnswers += 1;
    },
    crowded: () => {
      manager.counters.refusedConnections += 1;
    },
    request: (request) => {
      const changes = (): boolean => manager.realm(request) === READWRITE_REALM;
      if (isForged(request, names, changes)) return Future.ready(forbidden());
      // Nodes may call us as they like: they are no browsers, which cannot be made to say so under our name.
      const refusal = isPost(request) ? undefined : foreignHost(request, names);
      if (refusal) return Future.ready(refusal);
      // The server itself is asked what it can do (RFC 9110, 9.3.7): that depends on the path.
      if (request.path === '*') return Future.ready(empty(204));
      return transport.post(request) ?? manager.http(request);
    },
  };
  countTransport(manager, transport.counters);
  for (const process of own) manager.spawn(process);
  return manager;
}

/** Opens the port, on one address or on two. The first one is that of the node. */
async function listen(
  { runtime: { network }, ...options }: StartNodeOptions,
  preset: NodeOptions,
  acceptor: Acceptor,
): Promise<Listener> {
  const ip6 = options.ip6 ?? preset.ip6;
  const ip = options.ip ?? preset.ip ?? ip6 ?? '127.0.0.1';
  const first = await network.listen({ ip, port: options.port ?? preset.port ?? 0 }, acceptor);
  if (ip6 === undefined || ip6 === ip) return first;
  try {
    const second = await network.listen({ ip: ip6, port: first.port }, acceptor);
    return {
      ip: first.ip,
      port: first.port,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
      },
    };
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

/** A failure that is looked at late is counted no more. */
const GOES_BACK: keyof NodeCounters = 'unobservedFailures';

/** Exposes what node and transport count, under `libprocess/`. */
function countTransport({ metrics, counters }: ProcessManager, transport: TransportCounters): void {
  for (const counted of [counters, transport]) {
    for (const key of Object.keys(counted)) {
      const name = key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
      const read = (): number => Number(Reflect.get(counted, key));
      const kind = key === GOES_BACK ? 'gauge' : 'counter';
      metrics.add({ name: `libprocess/${name}`, kindOf: () => kind, sample: read });
    }
  }
}
