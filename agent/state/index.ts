export type {
  AgentState,
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from './agent-state.ts';
export * from './checkpoint.ts';
export { DamagedCheckpointError } from './meta-reader.ts';
export * from './paths.ts';
export { recoverState, type RecoverOptions } from './recover.ts';
