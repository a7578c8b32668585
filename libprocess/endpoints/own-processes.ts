import { OptionReader, type Environment } from '../options/option-reader.ts';
import type { Process } from '../process.ts';
import { HelpProcess } from './help-process.ts';
import { LoggingProcess } from './logging-process.ts';
import { MemoryProfilerProcess } from './memory-profiler-process.ts';
import { MetricsProcess } from './metrics-process.ts';
import { ProcessesProcess } from './processes-process.ts';
import { ProfilerProcess } from './profiler-process.ts';
import { SystemProcess } from './system-process.ts';

/**
 * The processes of every node, which say what it does. Throws `RuntimeError` if a variable that
 * one of them reads makes no sense.
 */
export function ownProcesses(environment: Environment): readonly Process[] {
  const read = new OptionReader(environment, 'LIBPROCESS_');
  return [
    new ProcessesProcess(),
    new MetricsProcess({
      rateLimit: environment['LIBPROCESS_METRICS_SNAPSHOT_ENDPOINT_RATE_LIMIT'],
    }),
    new SystemProcess(),
    new LoggingProcess(),
    new ProfilerProcess(read.flag('enable_profiler') === true),
    new MemoryProfilerProcess(read.flag('memory_profiling') === true),
    new HelpProcess(),
  ];
}
