import { commandEnding } from './command-ending.ts';
import type { CommandEnd, RecoveredCommand } from './runs.ts';
import { isTerminal } from '../../common/task-state.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { TaskState, TaskStatusReason } from '../../proto/index.ts';

/** How long after its terminal update an executor stays: as long as Mesos's does. */
export const LINGER_MS = 1_000;
/** Without a kill policy (`launcher/executor.cpp`). */
export const KILL_GRACE_MS_DEFAULT = 3_000;
/** The part of a shutdown's grace that is kept for reaping and for the last update to leave. */
export const SHUTDOWN_RESERVE_MS = 2_000;

/** What of its task the executor goes by. */
export interface CommandTask {
  readonly taskId: string;
  /** The framework understands TASK_KILLING. */
  readonly killingState: boolean;
  readonly killGraceMs?: Millis;
  readonly completionMs?: Millis;
}

export interface CommandKill {
  /** Wall time at which the processes are killed for good. */
  readonly killAtMs: Millis;
  /** What was granted: a clock that is set back must not lengthen it after a restart. */
  readonly graceMs: Millis;
  readonly why: 'request' | 'completion';
}

/**
 * ```
 *   idle ──launch──► launching ──started──► running ──ended──► ended ──acknowledged, 1 s──► gone
 *                        └────────refused─────────────────────►│
 * ```
 * A kill may be asked for in any state but `ended`; one that comes before the start waits for it.
 */
export interface CommandExecutor {
  readonly phase: 'idle' | 'launching' | 'running' | 'ended';
  readonly task?: CommandTask;
  /** Wall time by which the command must have ended. */
  readonly completeAtMs?: Millis;
  readonly kill?: CommandKill;
  /** What the stream of updates has already, from this executor or from one before a restart. */
  readonly reported: ReadonlySet<TaskState>;
}

export type Input =
  | { readonly kind: 'launch'; readonly task: CommandTask; readonly nowMs: Millis }
  | { readonly kind: 'started'; readonly nowMs: Millis }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'ended'; readonly end: CommandEnd }
  /** `graceMs` overrides the task's kill policy. */
  | { readonly kind: 'kill'; readonly nowMs: Millis; readonly graceMs?: Millis | undefined }
  | { readonly kind: 'shutdown'; readonly nowMs: Millis; readonly graceMs: Millis }
  | { readonly kind: 'woken'; readonly nowMs: Millis }
  /** After a restart: what the files say. Comes first, on a state made by `resumed`. */
  | { readonly kind: 'recovered'; readonly run: RecoveredCommand; readonly nowMs: Millis };

export interface Update {
  readonly kind: 'update';
  readonly state: TaskState;
  readonly message?: string;
  readonly reason?: TaskStatusReason;
}

/** What the shell must do, in order; nothing after a `save` before that is durable. */
export type Output =
  | Update
  | { readonly kind: 'save'; readonly record: CommandRecord }
  | { readonly kind: 'start' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'destroy' }
  /** Ask again then; replaces what was asked before. */
  | { readonly kind: 'wake'; readonly afterMs: Millis }
  /** Nothing is left to do once all updates are acknowledged and so much time has passed. */
  | { readonly kind: 'finish'; readonly afterMs: Millis };

/** What outlives the agent beside task and updates, once there is a deadline: plain data. */
export interface CommandRecord {
  readonly task: CommandTask;
  readonly completeAtMs?: Millis;
  readonly kill?: CommandKill;
}

export type Step = readonly [next: CommandExecutor, outputs: readonly Output[]];

export const NEW_COMMAND_EXECUTOR: CommandExecutor = {
  phase: 'idle',
  reported: new Set(),
};

/** The executor of a former agent, as far as its record and the stream of updates tell. */
export function resumed(record: CommandRecord, reported: Iterable<TaskState>): CommandExecutor {
  return { ...NEW_COMMAND_EXECUTOR, ...record, phase: 'launching', reported: new Set(reported) };
}

export function step(executor: CommandExecutor, input: Input): Step {
  switch (input.kind) {
    case 'launch':
      return launch(executor, input);
    case 'started':
      return started(executor, input.nowMs);
    case 'refused':
      return executor.phase === 'ended' ? [executor, []] : ended(executor, input.message);
    case 'ended':
      return executor.phase === 'ended' ? [executor, []] : ended(executor, input.end);
    case 'kill':
      return kill(executor, input);
    case 'shutdown':
      return shutdown(executor, input);
    case 'woken':
      return woken(executor, input.nowMs);
    case 'recovered':
      return recovered(executor, input.run, input.nowMs);
  }
}

function launch(
  executor: CommandExecutor,
  { task, nowMs }: { readonly task: CommandTask; readonly nowMs: Millis },
): Step {
  if (executor.phase !== 'idle') return [executor, []];
  const { completionMs } = task;
  const timed = completionMs === undefined ? {} : { completeAtMs: nowMs + completionMs };
  const launching: CommandExecutor = { ...executor, ...timed, task, phase: 'launching' };
  const [next, updates] = report(launching, { state: 'TASK_STARTING' });
  // Without a deadline there is nothing that the agent's own record of the task does not say.
  const saved = completionMs === undefined ? [] : [save(next, task)];
  return [next, [...updates, ...saved, { kind: 'start' }]];
}

function started(executor: CommandExecutor, nowMs: Millis): Step {
  if (executor.phase !== 'launching') return [executor, []];
  const [next, updates] = tellRunning({ ...executor, phase: 'running' });
  return [next, [...updates, ...pursue(next, nowMs)]];
}

/** A kill that came first has told of TASK_KILLING already: nothing goes back from there. */
function tellRunning(executor: CommandExecutor): Step {
  if (executor.reported.has('TASK_KILLING')) return [executor, []];
  return report(executor, { state: 'TASK_RUNNING' });
}

/** Acts on the deadlines there are: after a start or a restart, or when a kill is asked for. */
function pursue(executor: CommandExecutor, nowMs: Millis): readonly Output[] {
  const { kill: killing, completeAtMs } = executor;
  if (executor.phase !== 'running') return [];
  if (!killing) {
    if (completeAtMs === undefined) return [];
    return [{ kind: 'wake', afterMs: Math.max(0, completeAtMs - nowMs) }];
  }
  const remainingMs = Math.min(killing.killAtMs - nowMs, killing.graceMs);
  if (remainingMs <= 0) return [{ kind: 'destroy' }];
  return [{ kind: 'terminate' }, { kind: 'wake', afterMs: remainingMs }];
}

interface KillRequest {
  readonly nowMs: Millis;
  readonly graceMs?: Millis | undefined;
  readonly why?: CommandKill['why'];
}

/** A later request can only shorten the grace of an earlier one. */
function kill(
  executor: CommandExecutor,
  { nowMs, why = 'request', ...request }: KillRequest,
): Step {
  const { task, phase, kill: earlier } = executor;
  if (!task || phase === 'ended') return [executor, []];
  const graceMs = Math.max(0, request.graceMs ?? task.killGraceMs ?? KILL_GRACE_MS_DEFAULT);
  const killAtMs = nowMs + graceMs;
  if (earlier && earlier.killAtMs <= killAtMs) return [executor, []];
  const killing: CommandKill = { killAtMs, graceMs, why: earlier?.why ?? why };
  const asked: CommandExecutor = { ...executor, kill: killing };
  const tells = task.killingState && killing.why === 'request';
  const [next, updates] = tells ? report(asked, { state: 'TASK_KILLING' }) : [asked, []];
  return [next, [...updates, save(next, task), ...pursue(next, nowMs)]];
}

function shutdown(
  executor: CommandExecutor,
  { nowMs, graceMs }: { readonly nowMs: Millis; readonly graceMs: Millis },
): Step {
  if (executor.phase === 'idle')
    return [{ ...executor, phase: 'ended' }, [{ kind: 'finish', afterMs: 0 }]];
  return kill(executor, { nowMs, graceMs: graceMs - SHUTDOWN_RESERVE_MS });
}

/** Only the last deadline asked for wakes it, so that it has come, whatever the wall clock says. */
function woken(executor: CommandExecutor, nowMs: Millis): Step {
  if (executor.phase !== 'running') return [executor, []];
  if (executor.kill) return [executor, [{ kind: 'destroy' }]];
  return kill(executor, { nowMs, why: 'completion' });
}

function recovered(executor: CommandExecutor, run: RecoveredCommand, nowMs: Millis): Step {
  // Updates that the former agent had not yet made durable are made again, in their order.
  const [starting, first] = report(executor, { state: 'TASK_STARTING' });
  if (run.kind === 'running') return after(first, started(starting, nowMs));
  const [running, second] = tellRunning(starting);
  return after([...first, ...second], ended(running, run.end));
}

/** The last update. One that the stream has already is not made again. */
function ended(executor: CommandExecutor, end: CommandEnd | string): Step {
  const over: CommandExecutor = { ...executor, phase: 'ended' };
  const last = commandEnding(end, executor.kill?.why);
  const [next, updates] = report(over, last);
  return [next, [...updates, { kind: 'finish', afterMs: LINGER_MS }]];
}

function report(executor: CommandExecutor, update: Omit<Update, 'kind'>): Step {
  const { state } = update;
  if (executor.reported.has(state) || [...executor.reported].some(isTerminal))
    return [executor, []];
  const reported = new Set(executor.reported).add(state);
  return [{ ...executor, reported }, [{ kind: 'update', ...update }]];
}

function after(outputs: readonly Output[], [next, more]: Step): Step {
  return [next, [...outputs, ...more]];
}

function save({ completeAtMs, kill: killing }: CommandExecutor, task: CommandTask): Output {
  const timed = completeAtMs === undefined ? {} : { completeAtMs };
  return { kind: 'save', record: { task, ...timed, ...(killing && { kill: killing }) } };
}
