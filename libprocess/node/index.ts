/** The real world, for `startNode`: clock, network, disk and subprocesses of the operating system. */
export { NodeLogger, type NodeLoggerOptions } from './node-logger.ts';
export { nodeRuntime, type NodeRuntimeOptions } from './node-runtime.ts';
