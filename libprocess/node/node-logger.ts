import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogFields, Logger, LogLevel } from '../logger.ts';

/** Where the lines of a log go, and which. */
export interface NodeLoggerOptions {
  /** Lines below it are not written. Default: `info`. */
  readonly level?: LogLevel;
  /** `json`: an object a line, for machines; `text`: for people. Default: `json`. */
  readonly format?: 'json' | 'text';
  /** Where lines go, each with its newline. Default: standard error, written at once. */
  readonly write?: (line: string) => void;
}

/** Logs through pino. Writing is synchronous: the last line before a crash is the one that matters. */
export class NodeLogger implements Logger {
  readonly #root: PinoLogger;
  readonly #pino: PinoLogger;
  readonly #shared: Shared;

  private constructor(root: PinoLogger, shared: Shared, logger = root) {
    this.#root = root;
    this.#shared = shared;
    this.#pino = logger;
  }

  get verbosity(): number {
    return this.#shared.verbosity;
  }
  /** Loggers of pino keep the level that they were made with: each looks again when it writes. */
  set verbosity(verbosity: number) {
    this.#shared.verbosity = verbosity;
  }

  static open({ level = 'info', format = 'json', write }: NodeLoggerOptions = {}): NodeLogger {
    const out: DestinationStream = write ? { write } : pino.destination({ fd: 2, sync: true });
    const text: DestinationStream = {
      write: (line) => {
        out.write(textLine(line));
      },
    };
    const destination = format === 'json' ? out : text;
    const options = {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label: string) => ({ level: label }),
        log: (fields: Record<string, unknown>) => printable(fields),
      },
    };
    return new NodeLogger(pino(options, destination), { level, verbosity: 0 });
  }

  debug(message: string, fields?: LogFields): void {
    this.#now.debug(fields ?? {}, message);
  }
  info(message: string, fields?: LogFields): void {
    this.#now.info(fields ?? {}, message);
  }
  warn(message: string, fields?: LogFields): void {
    this.#now.warn(fields ?? {}, message);
  }
  error(message: string, fields?: LogFields): void {
    this.#pino.error(fields ?? {}, message);
  }

  child(component: string): Logger {
    // From the root: a child's child would carry both names.
    return new NodeLogger(this.#root, this.#shared, this.#root.child({ component }));
  }

  get #now(): PinoLogger {
    const level = this.#shared.verbosity > 0 ? 'debug' : this.#shared.level;
    if (this.#pino.level !== level) this.#pino.level = level;
    return this.#pino;
  }
}

/** What all loggers of one program have in common. */
interface Shared {
  readonly level: LogLevel;
  verbosity: number;
}

/** What `--logging_level` may say: Mesos's names and ours. */
export function parseLoggingLevel(text: string): LogLevel | undefined {
  switch (text.toLowerCase()) {
    case 'debug':
    case 'info':
    case 'error':
      return text.toLowerCase() as LogLevel;
    case 'warn':
    case 'warning':
      return 'warn';
    default:
      return undefined;
  }
}

/** Errors and big integers as text: JSON knows neither. */
function printable(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [name, printableValue(value)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function printableValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { message, stack, cause } = value;
  const code = 'code' in value ? { code: value.code } : {};
  return { message, ...code, stack, ...(cause instanceof Error ? { cause: cause.message } : {}) };
}

/** `2025-01-01T00:00:00.000Z WARN  master.registrar: message key=value` */
function textLine(json: string): string {
  const { level, time, component, message, ...fields } = JSON.parse(json) as Record<
    string,
    unknown
  >;
  const where = typeof component === 'string' ? `${component}: ` : '';
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${shortText(value)}`);
  const head = `${String(time)} ${String(level).toUpperCase().padEnd(5)}`;
  return `${head} ${where}${String(message)}${rest.join('')}\n`;
}

/** Stacks are for machines to keep; a person first wants the message. */
function shortText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) {
    return JSON.stringify(value.message);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(value);
}
