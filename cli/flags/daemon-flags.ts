import { oneOf, PATH, PORT, SWITCH, TEXT } from './flag-type.ts';
import { flagTable } from './flag-table.ts';

/** What every command has. */
export const HELP_FLAGS = flagTable({
  help: { type: SWITCH, default: 'false', environment: false, help: 'Prints this help and ends.' },
});

export const LOGGING_LEVEL = oneOf(
  'DEBUG',
  'INFO',
  'WARNING',
  'ERROR',
  'debug',
  'info',
  'warning',
  'error',
);

/** How a daemon listens and logs. */
export const DAEMON_FLAGS = flagTable({
  ip: {
    type: TEXT,
    default: '127.0.0.1',
    help: 'Address to listen on. Other machines reach this one only if it is set; 0.0.0.0 is all addresses.',
  },
  advertise_ip: { type: TEXT, help: 'Address that others are told, if not --ip.' },
  advertise_port: { type: PORT, help: 'Port that others are told, if not --port.' },
  hostname: {
    type: TEXT,
    help: 'Name that people and offers are shown. Default: of this machine.',
  },
  logging_level: {
    type: LOGGING_LEVEL,
    default: 'INFO',
    help: 'Lines below it are not logged: DEBUG, INFO, WARNING or ERROR.',
  },
  log_format: {
    type: oneOf('text', 'json'),
    default: 'text',
    help: 'Logs go to standard error: lines for people, or one JSON object a line.',
  },
  trace_file: {
    type: PATH,
    help: 'File to which every message is appended as it is sent or delivered, for `mesos trace check`. Slow.',
  },
  quiet: { type: SWITCH, default: 'false', help: 'Logs nothing but errors.' },
});
