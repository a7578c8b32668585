import { startNode, type ProcessManager } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import type { Output } from '../host.ts';
import { openLogger, type LoggingFlags } from './logging.ts';

export interface DaemonFlags extends LoggingFlags {
  readonly ip: string;
  readonly port: number;
  readonly advertise_ip: string | undefined;
  readonly advertise_port: number | undefined;
  /** As which the daemon shows itself; browsers may call it so. */
  readonly hostname: string | undefined;
  readonly trace_file: string | undefined;
}

/** The node that a daemon runs on. Warns if strangers can reach it. */
export async function openNode(flags: DaemonFlags, stderr: Output): Promise<ProcessManager> {
  const logger = openLogger(flags, stderr);
  const traceFile = flags.trace_file;
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger, traceFile });
  const node = await startNode({
    runtime,
    ip: flags.ip,
    port: flags.port,
    hostnames: [runtime.host.hostname, ...(flags.hostname === undefined ? [] : [flags.hostname])],
    ...(flags.advertise_ip !== undefined && { advertiseIp: flags.advertise_ip }),
    ...(flags.advertise_port !== undefined && { advertisePort: flags.advertise_port }),
  });
  if (!isLoopback(flags.ip)) {
    logger.warn(
      'Listening without authentication: whoever reaches this address can run commands on agents',
      { ip: flags.ip, address: node.address },
    );
  }
  return node;
}

export const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.');
