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
  /** A logger of one component, named with dots: `master.registrar`. */
  child(component: string): Logger;
}

/** Says nothing; for tests and embedded nodes. */
export const SILENT_LOGGER: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT_LOGGER,
};
