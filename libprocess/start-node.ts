import { ownProcesses } from './endpoints/own-processes.ts';
import { Future } from './future.ts';
import { isForged } from './http/cross-site.ts';
import { serviceUnavailable, text } from './http/responses.ts';
import { PullGauge } from './metrics/pull-gauge.ts';
import type { Acceptor } from './network.ts';
import { ProcessManager, type ProcessManagerOptions } from './process-manager.ts';
import type { Runtime } from './runtime.ts';
import type { TransportCounters } from './transport/counters.ts';
import { LinkTransport } from './transport/link-transport.ts';

export interface StartNodeOptions {
  readonly runtime: Runtime;
  /** Where to listen. Default: 127.0.0.1. */
  readonly ip?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** What other nodes reach this one by, if not by `ip` and the port in use. */
  readonly advertiseIp?: string;
  readonly advertisePort?: number;
  /** Process that gets HTTP requests whose first path component names no process. */
  readonly delegate?: string;
  /** Refuse messages in the POST form whose sender claims another IP than that of its socket. */
  readonly requirePeerAddressIpMatch?: boolean;
  /** Names, besides its IP, by which browsers may call the node. Default: that of the machine. */
  readonly hostnames?: readonly string[];
  readonly onFatal?: ProcessManagerOptions['onFatal'];
}

/**
 * Starts a node that others can reach: one port for messages, links and HTTP. Dispose it to end its
 * processes, its links and the port. Fails with `NetworkError` if it cannot listen, and with
 * `RuntimeError` if a variable of the environment is wrong.
 */
export async function startNode(options: StartNodeOptions): Promise<ProcessManager> {
  const { runtime, ip = '127.0.0.1', port = 0 } = options;
  const own = ownProcesses(runtime.host.environment());
  const node: { acceptor?: Acceptor } = {};
  const listener = await runtime.network.listen(
    { ip, port },
    {
      upgrade: (request) =>
        node.acceptor?.upgrade(request) ?? { accept: false, status: 503, headers: {} },
      request: (request) => node.acceptor?.request(request) ?? Future.ready(serviceUnavailable()),
    },
  );
  const advertisedIp = options.advertiseIp ?? listener.ip;
  const host = advertisedIp.includes(':') ? `[${advertisedIp}]` : advertisedIp;
  const address = `${host}:${options.advertisePort ?? listener.port}`;
  const { delegate, onFatal } = options;
  const manager = new ProcessManager({
    runtime,
    address,
    ...(delegate !== undefined && { delegate }),
    ...(onFatal && { onFatal }),
  });
  const transport = new LinkTransport({
    runtime: { ...runtime, clock: runtime.wireClock ?? runtime.clock },
    address,
    events: manager,
    listener,
    requirePeerAddressIpMatch: options.requirePeerAddressIpMatch ?? false,
  });
  manager.attach(transport);
  node.acceptor = {
    upgrade: (request) => transport.upgrade(request),
    request: (request) => {
      if (isForged(request, options.hostnames ?? [runtime.host.hostname]))
        return Future.ready(text(403, '403 Forbidden.'));
      return transport.post(request) ?? manager.http(request);
    },
  };
  countTransport(manager, transport.counters);
  for (const process of own) manager.spawn(process);
  return manager;
}

/** Exposes what node and transport count, under `libprocess/`. */
function countTransport({ metrics, counters }: ProcessManager, transport: TransportCounters): void {
  for (const counted of [counters, transport]) {
    for (const key of Object.keys(counted)) {
      const name = key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
      const read = (): number => Number(Reflect.get(counted, key));
      metrics.add(new PullGauge(`libprocess/${name}`, read));
    }
  }
}
