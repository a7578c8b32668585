import type { TaskState } from '../proto/index.ts';

/**
 * ```
 *   STAGING ──► STARTING ──► RUNNING ──► KILLING ──► terminal
 *      any of them ──► terminal, or UNREACHABLE, and back when the agent returns
 * ```
 * A terminal task holds no resources and changes no more. UNREACHABLE and UNKNOWN are not terminal:
 * the master does not know, and the agent may yet tell (common/protobuf_utils.cpp).
 */
const TERMINAL: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

export const isTerminal = (state: TaskState): boolean => TERMINAL.has(state);

/** Whether the agent must still count the task's resources as used. */
export const holdsResources = (state: TaskState): boolean =>
  !isTerminal(state) && state !== 'TASK_UNREACHABLE' && state !== 'TASK_UNKNOWN';

/** States that only PARTITION_AWARE frameworks know; the others are told TASK_LOST instead. */
const PARTITION_AWARE_ONLY: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_DROPPED',
  'TASK_UNREACHABLE',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]);

/** `state` as a framework with or without the PARTITION_AWARE capability is told it. */
export const stateFor = (state: TaskState, partitionAware: boolean): TaskState =>
  !partitionAware && PARTITION_AWARE_ONLY.has(state) ? 'TASK_LOST' : state;

const LIVE_ORDER: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
];

/**
 * Whether an update may take a task from `from` to `to`. Executors may repeat a state (a health
 * check changed) and may skip some, but a live task never goes back, and nothing follows a terminal
 * state. From UNREACHABLE any state may follow: the agent has come back with what it knows.
 */
export function canFollow(from: TaskState, to: TaskState): boolean {
  if (isTerminal(from)) return false;
  const before = LIVE_ORDER.indexOf(from);
  const after = LIVE_ORDER.indexOf(to);
  return before === -1 || after === -1 || after >= before;
}
