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

/** Whoever logs a failure must not fail by it: what an error says of itself may throw. */
function printableValue(value: unknown): unknown {
  try {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Error ? printableError(value) : value;
  } catch {
    return 'a value that cannot be printed';
  }
}

function printableError(error: Error): object {
  const { message, stack, cause } = error;
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  const code = 'code' in error ? { code: error.code } : {};
  const because = cause instanceof Error ? { cause: cause.message } : {};
  return { name, message, ...code, stack, ...because };
}

/**
 * `2025-01-01T00:00:00.000Z WARN  master.registrar: message key=value`, and below it, indented, where an error
 * comes from: of failures, and of errors without a code, which nobody has thrown on purpose.
 */
function textLine(json: string): string {
  const { level, time, component, message, ...fields } = JSON.parse(json) as Record<
    string,
    unknown
  >;
  const where = typeof component === 'string' ? `${component}: ` : '';
  const rest = Object.entries(fields).map(([name, value]) => fieldText(name, value));
  const head = `${String(time)} ${String(level).toUpperCase().padEnd(5)}`;
  const stacks = Object.values(fields).flatMap((value) =>
    isLoggedError(value) && (level === 'error' || value.code === undefined) ? frames(value) : [],
  );
  return [`${head} ${where}${String(message)}${rest.join('')}`, ...stacks]
    .map((line) => `${escaped(line)}\n`)
    .join('');
}

/** As `printableError` makes it. */
interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: unknown;
  readonly cause?: string;
}

const isLoggedError = (value: unknown): value is LoggedError =>
  typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;

function fieldText(field: string, value: unknown): string {
  if (!isLoggedError(value)) return ` ${field}=${shortText(value)}`;
  const { name, message, code, cause } = value;
  const parts = [` ${field}=${JSON.stringify(`${name}: ${message}`)}`];
  if (code !== undefined) parts.push(` ${field}.code=${shortText(code)}`);
  if (cause !== undefined) parts.push(` ${field}.cause=${JSON.stringify(cause)}`);
  return parts.join('');
}

/** Lines of a stack that are written, at most. */
const STACK_LINES_MAX = 50;

const frames = ({ stack }: LoggedError): readonly string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, STACK_LINES_MAX)
    .map((line) => `    ${line.trim()}`);

/** What comes from elsewhere must neither begin a line nor move the cursor. */
const escaped = (line: string): string =>
  line.replace(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(value);
}
