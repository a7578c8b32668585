/** Actors: processes with mailboxes, addressed by PID within a node and by UPID between nodes. */
export type { EndReason, ExitReason, RouteHandler, RouteHelp, RouteOptions } from './event.ts';
export { MetricExistsError, MetricsRegistry } from './metrics/metrics-registry.ts';
export { PID } from './pid.ts';
export * from './remote/protocol.ts';
export type { RemoteCall } from './remote/caller-process.ts';
export { callUntyped, remote } from './remote/remote.ts';
export * from './remote/remote-call-error.ts';
export { RemoteProcess } from './remote/remote-process.ts';
export { reqRes, type ReqRes } from './remote/req-res.ts';
export type { SchemaIssue, SchemaVerdict, StandardSchema } from './remote/standard-schema.ts';
export * from './futures/abort.ts';
export * from './futures/after.ts';
export * from './futures/check.ts';
export * from './clock.ts';
export * from './futures/collect.ts';
export * from './futures/count-down-latch.ts';
export * from './disk.ts';
export * from './dispatch.ts';
export * from './disposer-stack.ts';
export {
  parseDuration,
  printDuration,
  toMs,
  type Duration,
  type ParsedDuration,
} from './duration.ts';
export * from './errors.ts';
export * from './futures/executor.ts';
export type { EventFilter, Verdict } from './event-filters.ts';
export * from './future.ts';
export * from './futures/hold.ts';
export * from './host.ts';
export * from './http/access/authenticator.ts';
export * from './http/access/basic-authenticator.ts';
export * from './http/access/combined-authenticator.ts';
export * from './http/access/firewall.ts';
export * from './http/access/http-access.ts';
export * from './http/access/jwt.ts';
export * from './http/access/jwt-authenticator.ts';
export * from './http/client/connection.ts';
export * as http from './http/client/http-client.ts';
export * from './http/http.ts';
export * from './http/json-number.ts';
export * from './http/jsonp.ts';
export * from './io/byte-streams.ts';
export * from './io/file-streams.ts';
export * from './io/redirect.ts';
export * from './io/sockets.ts';
export { Watcher, type WatchEvent } from './io/watcher.ts';
export * from './futures/limiter.ts';
export * from './logger.ts';
export * from './futures/loop.ts';
export * from './message.ts';
export {
  Counter,
  PushGauge,
  type HistoryOptions,
  type Metric,
  type MetricKind,
  type Sample,
} from './metrics/metrics.ts';
export * from './metrics/pull-gauge.ts';
export * from './metrics/statistics.ts';
export * from './metrics/time-series.ts';
export * from './metrics/timer.ts';
export * from './futures/mutex.ts';
export * from './network.ts';
export type { NodeObserver } from './node-observer.ts';
export * from './futures/once.ts';
export * from './process-manager.ts';
export * from './process.ts';
export * from './observe/profiler.ts';
export * from './protobuf-process.ts';
export * from './http/pipe.ts';
export * from './http/query.ts';
export * from './futures/queue.ts';
export * from './random.ts';
export {
  reap,
  ReaperProcess,
  reapIntervalMs,
  type ReapOptions,
} from './subprocess/reaper-process.ts';
export * from './http/recordio.ts';
export * from './http/responses.ts';
export * from './http/url.ts';
export * from './runtime.ts';
export * from './futures/rwlock.ts';
export * from './futures/sequence.ts';
export * as shape from './remote/shape.ts';
export * from './start-node.ts';
export * from './futures/state-machine.ts';
export * from './subprocess.ts';
export type { ChildSpec, Restart, RestartLimits, Strategy } from './supervision/child-spec.ts';
export * from './supervision/nursery.ts';
export * from './supervision/remote-child.ts';
export * from './supervision/supervisor.ts';
export * from './futures/timeout.ts';
export * from './transport.ts';
export * from './upid.ts';
export * from './futures/within.ts';
