import { parseDuration } from '../libprocess/duration.ts';
import { RuntimeError, UPID, type Millis } from '../libprocess/index.ts';

/** What an agent tells an executor that it starts (`MESOS_*`). */
export interface ExecutorEnvironment {
  readonly agent: UPID;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  /** Whether tasks may outlive the agent: then its end is waited out, for `recoveryTimeoutMs`. */
  readonly checkpoint: boolean;
  readonly recoveryTimeoutMs: Millis;
  readonly shutdownGracePeriodMs: Millis;
}

/** The environment is not that of an executor started by an agent. */
export class ExecutorEnvironmentError extends RuntimeError {}

const RECOVERY_TIMEOUT_MS_DEFAULT: Millis = 15 * 60_000;
const SHUTDOWN_GRACE_PERIOD_MS_DEFAULT: Millis = 5_000;

/** Reads the environment. Throws `ExecutorEnvironmentError`, which names the variable. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): ExecutorEnvironment {
  const required = (name: string): string => {
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    throw new ExecutorEnvironmentError(
      'MISSING',
      `${name} is not set: executors are started by an agent, which sets it`,
    );
  };
  const duration = (name: string, otherwise: Millis): Millis => {
    const text = variables[name];
    if (text === undefined) return otherwise;
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.value;
    throw new ExecutorEnvironmentError('MALFORMED', `${name} is no duration: '${text}'`);
  };
  const pid = required('MESOS_SLAVE_PID');
  const agent = UPID.parse(pid);
  if (!agent) {
    throw new ExecutorEnvironmentError('MALFORMED', `MESOS_SLAVE_PID is no PID: '${pid}'`);
  }
  return {
    agent,
    agentId: required('MESOS_SLAVE_ID'),
    frameworkId: required('MESOS_FRAMEWORK_ID'),
    executorId: required('MESOS_EXECUTOR_ID'),
    checkpoint: variables['MESOS_CHECKPOINT'] === '1',
    recoveryTimeoutMs: duration('MESOS_RECOVERY_TIMEOUT', RECOVERY_TIMEOUT_MS_DEFAULT),
    shutdownGracePeriodMs: duration(
      'MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD',
      SHUTDOWN_GRACE_PERIOD_MS_DEFAULT,
    ),
  };
}
