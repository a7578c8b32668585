/** For writing executors: subclass `ExecutorProcess`. */
export * from '../common/driver-status.ts';
export { ExecutorProcess, type TaskReport } from './executor-process.ts';
export {
  ExecutorEnvironmentError,
  readEnvironment,
  type ExecutorEnvironment,
} from './environment.ts';
