/** The real world, for `startNode`: clock, network, disk and subprocesses of the operating system. */
export { NodeLogger, type NodeLoggerOptions } from './node-logger.ts';
export { NodeNetwork, type NodeNetworkOptions } from './node-network.ts';
export { nodeRuntime, type NodeRuntimeOptions } from './node-runtime.ts';
export type { ReverseLookup, SecurePeer } from './tls/peer-verification.ts';
export type { TlsHooks } from './tls/tls-setup.ts';
export type { HttpLimits } from '../options/http-limits.ts';
export type { SslOptions, SslSettings, TlsVersion } from '../options/ssl-options.ts';
