export * from '../libprocess/sim/index.ts';
export { Cluster, type AgentMember, type ClusterOptions, type SchedulerMember } from './cluster.ts';
export { Mail, type Which, type Withheld } from './mail.ts';
export { TestScheduler, type TestSchedulerOptions } from './test-scheduler.ts';
export { TestExecutor, TEST_EXECUTOR } from './test-executor.ts';
