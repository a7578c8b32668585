import type { Millis } from '../../libprocess/index.ts';

export interface ExecutorEnvironmentOptions {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly agentId: string;
  /** `slave(1)@ip:port`. */
  readonly agentPid: string;
  /** `ip:port`. */
  readonly agentEndpoint: string;
  readonly ip: string;
  readonly sandbox: string;
  readonly checkpoint: boolean;
  readonly recoveryTimeoutMs: Millis;
  readonly subscriptionBackoffMaxMs: Millis;
  readonly shutdownGracePeriodMs: Millis;
  /** From the CommandInfo; loses against what the agent sets. */
  readonly requested: Readonly<Record<string, string>>;
  readonly printDuration: (spanMs: Millis) => string;
}

/** What Mesos gives processes that ask for no PATH of their own. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The whole environment of an executor. Nothing of the agent's own is inherited (recorded:
 * `environment.json`). The last two recovery variables are there for checkpointing frameworks only.
 */
export function executorEnvironment(options: ExecutorEnvironmentOptions): Record<string, string> {
  const { printDuration } = options;
  return {
    PATH,
    ...options.requested,
    LIBPROCESS_IP: options.ip,
    LIBPROCESS_PORT: '0',
    MESOS_FRAMEWORK_ID: options.frameworkId,
    MESOS_EXECUTOR_ID: options.executorId,
    MESOS_SLAVE_ID: options.agentId,
    MESOS_SLAVE_PID: options.agentPid,
    MESOS_AGENT_ENDPOINT: options.agentEndpoint,
    MESOS_DIRECTORY: options.sandbox,
    MESOS_SANDBOX: options.sandbox,
    MESOS_CHECKPOINT: options.checkpoint ? '1' : '0',
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: printDuration(options.shutdownGracePeriodMs),
    ...(options.checkpoint && {
      MESOS_RECOVERY_TIMEOUT: printDuration(options.recoveryTimeoutMs),
      MESOS_SUBSCRIPTION_BACKOFF_MAX: printDuration(options.subscriptionBackoffMaxMs),
    }),
  };
}
