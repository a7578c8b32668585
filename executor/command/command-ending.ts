import type { CommandEnd } from './runs.ts';
import type { TaskState, TaskStatusReason } from '../../proto/index.ts';

/** As `strsignal` says it on Linux, which is what Mesos's messages show. */
const SIGNAL_TEXTS: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGILL: 'Illegal instruction',
  SIGTRAP: 'Trace/breakpoint trap',
  SIGABRT: 'Aborted',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed',
  SIGUSR1: 'User defined signal 1',
  SIGSEGV: 'Segmentation fault',
  SIGUSR2: 'User defined signal 2',
  SIGPIPE: 'Broken pipe',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
  SIGSTKFLT: 'Stack fault',
  SIGXCPU: 'CPU time limit exceeded',
  SIGXFSZ: 'File size limit exceeded',
  SIGVTALRM: 'Virtual timer expired',
  SIGPROF: 'Profiling timer expired',
  SIGIO: 'I/O possible',
  SIGPWR: 'Power failure',
  SIGSYS: 'Bad system call',
};

export interface CommandEnding {
  readonly state: TaskState;
  readonly message: string;
  readonly reason?: TaskStatusReason;
}

/**
 * The terminal update of a command (`launcher/executor.cpp`, `reaped`). `end` is a text if it never
 * ran. One that ends with 0 has finished, also if it was asked to end.
 */
export function commandEnding(
  end: CommandEnd | string,
  killed: 'request' | 'completion' | undefined,
): CommandEnding {
  const message = messageOf(end);
  if (killed === 'completion')
    return { state: 'TASK_FAILED', message, reason: 'REASON_MAX_COMPLETION_TIME_REACHED' };
  if (typeof end !== 'string' && end.kind === 'exited' && end.status.code === 0)
    return { state: 'TASK_FINISHED', message };
  if (killed === 'request') return { state: 'TASK_KILLED', message };
  if (typeof end === 'string')
    return { state: 'TASK_FAILED', message, reason: 'REASON_CONTAINER_LAUNCH_FAILED' };
  return { state: 'TASK_FAILED', message };
}

function messageOf(end: CommandEnd | string): string {
  if (typeof end === 'string') return end;
  if (end.kind === 'lost') return 'Failed to get exit status for Command';
  const { code, signal } = end.status;
  if (code !== undefined) return `Command exited with status ${code}`;
  return `Command terminated with signal ${SIGNAL_TEXTS[signal] ?? signal}`;
}
