/** For writing frameworks: subclass `SchedulerProcess`. */
export * from '../common/driver-status.ts';
export { SchedulerProcess, type TaskQuery } from './scheduler-process.ts';
export type { SchedulerOptions } from './scheduler-connection.ts';
/** What offers hold and tasks need. */
export { Resources } from '../common/resources.ts';
