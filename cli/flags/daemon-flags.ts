import { IP, IP6, KNOWN_PORT, oneOf, PATH, SWITCH, TEXT } from './flag-type.ts';
import { FIREWALL_FLAGS } from './firewall-rules.ts';
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
    type: IP,
    default: '127.0.0.1',
    fallback: 'LIBPROCESS_IP',
    help: 'Address to listen on. Other machines reach this one only if it is set; 0.0.0.0 is all IPv4 addresses, :: all of both families.',
  },
  ip6: {
    type: IP6,
    fallback: 'LIBPROCESS_IP6',
    help: 'IPv6 address to listen on too, on the same port. Others are still told --ip.',
  },
  advertise_ip: {
    type: IP,
    fallback: 'LIBPROCESS_ADVERTISE_IP',
    help: 'Address that others are told, if not --ip.',
  },
  advertise_port: {
    type: KNOWN_PORT,
    fallback: 'LIBPROCESS_ADVERTISE_PORT',
    help: 'Port that others are told, if not --port: of a proxy in front of this daemon.',
  },
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
  ...FIREWALL_FLAGS,
});
