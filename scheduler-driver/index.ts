/** For writing frameworks: subclass `SchedulerProcess`. */
export * from '../common/driver-status.ts';
export { SchedulerProcess, type TaskQuery } from './scheduler-process.ts';
export type { SchedulerOptions } from './scheduler-connection.ts';
/** What offers hold and tasks need. */
export { Resources, type ResourcesJson } from '../common/resources.ts';
export type { Refusal, Result, Success } from '../common/result.ts';
/** Knows who leads: `SchedulerOptions.master`. */
export type { MasterDetector } from '../common/detector.ts';
