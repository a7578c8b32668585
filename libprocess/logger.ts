/** From the least important up. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured fields of a log line: ids and numbers, never prose. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line a call. `error`: an operator must act; `warn`: lost or refused; `info`: the story. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /**
   * 0: what it was opened with; from 1 on debug lines are written, too. One for all components of a program.
   */
  verbosity: number;
  /** A logger of one component, named with dots: `master.registrar`. */
  child(component: string): Logger;
}

/** Says nothing; for tests and embedded nodes. */
export const SILENT_LOGGER: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  verbosity: 0,
  child: () => SILENT_LOGGER,
};
