import type { LogFields, Logger, LogLevel } from '../logger.ts';

/** What was logged at once. */
export interface LogLine {
  readonly level: LogLevel;
  readonly component: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what is logged, for people who look into a failed run; tests look at traces instead. */
export class RecordingLogger implements Logger {
  readonly #component: string;
  readonly #sink: (line: LogLine) => void;
  readonly #root: RecordingLogger;
  #verbosity = 0;

  constructor(sink: (line: LogLine) => void, component = '', root?: RecordingLogger) {
    this.#sink = sink;
    this.#component = component;
    this.#root = root ?? this;
  }

  /** Every level is kept, whatever it is. */
  get verbosity(): number {
    return this.#root.#verbosity;
  }
  set verbosity(verbosity: number) {
    this.#root.#verbosity = verbosity;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#log('debug', message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#log('info', message, fields);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#log('warn', message, fields);
  }
  error(message: string, fields: LogFields = {}): void {
    this.#log('error', message, fields);
  }

  child(component: string): Logger {
    return new RecordingLogger(this.#sink, component, this.#root);
  }

  #log(level: LogLevel, message: string, fields: LogFields): void {
    this.#sink({ level, component: this.#component, message, fields });
  }
}
