import type { Logger } from '../logger.ts';
import type { Network } from '../network.ts';
import { readHttpLimits } from '../options/http-limits.ts';
import { readSslOptions } from '../options/ssl-options.ts';
import type { Runtime } from '../runtime.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDisk } from './node-disk.ts';
import { NodeHost } from './node-host.ts';
import { NodeLogger } from './node-logger.ts';
import { NodeNetwork } from './node-network.ts';
import { NodeProfiler } from './node-profiler.ts';
import { NodeRandom } from './node-random.ts';
import { NodeSockets } from './io/node-sockets.ts';
import { NodeSubprocesses } from './subprocess/node-subprocesses.ts';
import { openTelemetryTracer } from './otel-tracer.ts';
import { TraceFile } from './trace-file.ts';

/** What of the real world a node shall have otherwise. */
export interface NodeRuntimeOptions {
  /** Default: that of the operating system, secured if `LIBPROCESS_SSL_ENABLED` is set. */
  readonly network?: Network;
  /** Default: lines of JSON on standard error, from `info` up. */
  readonly logger?: Logger;
  /** File for all that its processes say and are told; default: what `LIBPROCESS_TRACE_FILE` says, else none. */
  readonly traceFile?: string | undefined;
}

/**
 * The real world, for one node. A trace is closed by the end of the program: until then it is written.
 * Fails with `OptionError` or `CertificateError` if `LIBPROCESS_SSL_*` cannot be used.
 */
export function nodeRuntime({ network, logger, traceFile }: NodeRuntimeOptions = {}): Runtime {
  const log = logger ?? NodeLogger.open();
  const path = traceFile ?? process.env['LIBPROCESS_TRACE_FILE'];
  const trace = path === undefined ? undefined : new TraceFile(path, log);
  const tracer = openTelemetryTracer();
  return {
    clock: new NodeClock(),
    random: new NodeRandom(),
    sockets: new NodeSockets(),
    network:
      network ??
      new NodeNetwork({
        ssl: readSslOptions(process.env),
        http: readHttpLimits(process.env),
        logger: log,
      }),
    disk: new NodeDisk(),
    subprocesses: new NodeSubprocesses(),
    host: new NodeHost(),
    logger: log,
    profiler: new NodeProfiler(),
    schedule: (thunk) => void setImmediate(thunk),
    ...(tracer && { tracer }),
    ...(trace && { observe: (address: string) => trace.observe(address) }),
  };
}
