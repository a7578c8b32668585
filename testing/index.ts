/** Clusters in virtual time, for tests of frameworks; and the simulation that they run in. */
export * from '../libprocess/sim/index.ts';
export {
  testCluster,
  TestCluster,
  type RunOptions,
  type TestClusterOptions,
} from './test-cluster.ts';
export type {
  AgentState,
  Amounts,
  ClusterState,
  FrameworkState,
  TaskEntry,
} from './cluster-state.ts';
export type { Duration } from '../libprocess/duration.ts';
export { TestClusterError, type TestClusterErrorCode } from './errors.ts';
export type { FrameworkHost } from './framework-host.ts';
export type { BodyOf, MessageName } from './message-names.ts';
export type { TestAgent } from './test-agent.ts';
export type { TestHost } from './test-host.ts';
export type { TestMaster } from './test-master.ts';
export type { WhichMessages } from './which-messages.ts';
export {
  Cluster,
  type AgentMember,
  type ClusterOptions,
  type ClusterWatch,
  type SchedulerMember,
} from './cluster.ts';
export { TestClock, type NodeOptions } from './clock/test-clock.ts';
export * from './assertions/assertions.ts';
export { injectExited } from './assertions/inject-exited.ts';
export { ActorTestError, type ActorTestErrorCode } from './assertions/actor-test-error.ts';
export type { Caught, Dropped, Unexpected, Withheld } from './filters/caught.ts';
export { Filters, type WhichWithheld } from './filters/filters.ts';
export type {
  Address,
  Target,
  WhichExit,
  WhichMessage,
  WhichRequest,
} from './filters/selectors.ts';
export { Mail, type Which } from './mail.ts';
export { TestScheduler, type TaskRequest, type TestSchedulerOptions } from './test-scheduler.ts';
export { TestExecutor, TEST_EXECUTOR } from './test-executor.ts';
/** Keys and certificates, for tests of programs that speak TLS. */
export {
  TestAuthority,
  type TestCertificate,
  type TestCertificateOptions,
} from '../libprocess/node/tls/test-certificates.ts';
export { TestFiles, type NodeFiles } from '../libprocess/node/tls/test-files.ts';
