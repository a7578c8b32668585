import { startNode, type FirewallRule, type ProcessManager } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { isLoopback } from '../../libprocess/ip.ts';
import { readHttpLimits } from '../../libprocess/options/http-limits.ts';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import type { Host } from '../host.ts';
import { openLogger, type LoggingFlags } from './logging.ts';

export interface DaemonFlags extends LoggingFlags {
  readonly ip: string;
  readonly ip6: string | undefined;
  readonly port: number;
  readonly advertise_ip: string | undefined;
  readonly advertise_port: number | undefined;
  /** As which the daemon shows itself; browsers may call it so. */
  readonly hostname: string | undefined;
  readonly trace_file: string | undefined;
  readonly firewall_rules: readonly FirewallRule[] | undefined;
}

/** The node that a daemon runs on. Warns if strangers can reach it. */
export async function openNode(
  flags: DaemonFlags,
  { stderr, env }: Pick<Host, 'stderr' | 'env'>,
): Promise<ProcessManager> {
  const logger = openLogger(flags, stderr);
  const traceFile = flags.trace_file;
  const ssl = readSslOptions(env);
  const network = new NodeNetwork({ ssl, http: readHttpLimits(env), logger });
  const runtime = nodeRuntime({ network, logger, traceFile });
  const node = await startNode({
    runtime,
    ip: flags.ip,
    port: flags.port,
    environment: env,
    // A daemon that has lost one of its processes is worth less than none: it ends, and is started again.
    onFatal: (error) => {
      throw error;
    },
    hostnames: [runtime.host.hostname, ...(flags.hostname === undefined ? [] : [flags.hostname])],
    ...(flags.firewall_rules && { firewall: flags.firewall_rules }),
    ...(flags.ip6 !== undefined && { ip6: flags.ip6 }),
    ...(flags.advertise_ip !== undefined && { advertiseIp: flags.advertise_ip }),
    ...(flags.advertise_port !== undefined && { advertisePort: flags.advertise_port }),
  });
  const open = [flags.ip, flags.ip6].some((ip) => ip !== undefined && !isLoopback(ip));
  if (open && ssl?.requireClientCert !== true) {
    logger.warn(
      'Listening without authentication: whoever reaches this address can run commands on agents',
      { ip: flags.ip, ip6: flags.ip6, address: node.address },
    );
  }
  return node;
}
