import type { Millis } from '../../libprocess/index.ts';
import type { ExecutorInfo } from '../../proto/index.ts';
import type { AgentFlags } from '../flags.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/** How long an executor may take to shut down: as it asks for itself, else as the operator says. */
export function shutdownGracePeriodMs(
  info: ExecutorInfo,
  flags: Pick<AgentFlags, 'executorShutdownGracePeriodMs'>,
): Millis {
  const asked = info.shutdown_grace_period?.nanoseconds;
  if (asked === undefined) return flags.executorShutdownGracePeriodMs;
  return Math.max(0, Number(asked / NANOSECONDS_PER_MS));
}
