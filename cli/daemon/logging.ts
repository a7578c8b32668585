import type { Logger, LogLevel } from '../../libprocess/index.ts';
import { NodeLogger, parseLoggingLevel } from '../../libprocess/node/node-logger.ts';
import type { Output } from '../host.ts';

export interface LoggingFlags {
  readonly logging_level: string;
  readonly log_format: 'text' | 'json';
  readonly quiet: boolean;
}

/** The logger of a daemon: lines on standard error. */
export function openLogger(flags: LoggingFlags, stderr: Output): Logger {
  const level: LogLevel = flags.quiet
    ? 'error'
    : (parseLoggingLevel(flags.logging_level) ?? 'info');
  return NodeLogger.open({
    level,
    format: flags.log_format,
    write: (line) => {
      stderr.write(line);
    },
  });
}
