import type {
  ExecutorInfo,
  FrameworkInfo,
  SlaveInfo,
  StatusUpdateRecord,
  Task,
} from '../../proto/index.ts';
import type { AgentKey, ExecutorKey, FrameworkKey, RunKey, TaskKey } from './paths.ts';

/** What the meta directory says. Parts that a crash kept from being written are absent. */
export interface AgentState {
  /** Of the host's boot in which this was written. */
  readonly bootId: string | undefined;
  /** Absent in a fresh directory, and after the agent was forgotten. */
  readonly agent: RecoveredAgent | undefined;
  /** What was damaged and left out, one text each, with the file's path. Empty if strict. */
  readonly errors: readonly string[];
}

export interface RecoveredAgent {
  readonly key: AgentKey;
  readonly info: SlaveInfo | undefined;
  readonly frameworks: readonly RecoveredFramework[];
}

export interface RecoveredFramework {
  readonly key: FrameworkKey;
  readonly info: FrameworkInfo | undefined;
  /** A UPID, `@0.0.0.0:0` for schedulers that speak the v1 API. */
  readonly pid: string | undefined;
  readonly executors: readonly RecoveredExecutor[];
}

export interface RecoveredExecutor {
  readonly key: ExecutorKey;
  readonly info: ExecutorInfo | undefined;
  readonly generatedForCommandTask: boolean;
  /** Names one of `runs`, unless that was removed. */
  readonly latestRun: string | undefined;
  readonly runs: readonly RecoveredRun[];
}

export interface RecoveredRun {
  readonly key: RunKey;
  /** Whether it has ended and nothing of it is left to be told. */
  readonly completed: boolean;
  /** Whether its executor speaks the v1 API. */
  readonly http: boolean;
  readonly forkedPid: number | undefined;
  /** The executor's UPID. */
  readonly libprocessPid: string | undefined;
  /** What the built-in executor of a command task saved last. */
  readonly commandTask: Uint8Array | undefined;
  readonly tasks: readonly RecoveredTask[];
}

export interface RecoveredTask {
  readonly key: TaskKey;
  readonly info: Task | undefined;
  /** Updates and acknowledgements, as they came. */
  readonly records: readonly StatusUpdateRecord[];
  /** Where the whole records of the file end; what follows was cut short by a crash. */
  readonly recordsBytes: number;
}
