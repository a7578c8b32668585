import { parseAttributes } from '../../common/attributes.ts';
import { Resources } from '../../common/resources.ts';
import { success, type Result } from '../../common/result.ts';
import { DAEMON_FLAGS, HELP_FLAGS } from './daemon-flags.ts';
import { flagTable } from './flag-table.ts';
import {
  DURATION,
  FRACTION,
  oneOf,
  PATH,
  PORT,
  SWITCH,
  TEXT,
  wholeNumber,
  type FlagType,
} from './flag-type.ts';

/** Text that is kept as it is, once it is known to be right. */
const checked = (
  placeholder: string,
  parse: (text: string) => Result<unknown>,
): FlagType<string> => ({
  placeholder,
  parse: (text) => {
    const parsed = parse(text);
    return parsed.ok ? success(text) : parsed;
  },
});

export const AGENT_FLAGS = flagTable({
  ...DAEMON_FLAGS,
  master: { type: TEXT, required: true, help: 'The master, as HOST:PORT.' },
  port: { type: PORT, default: '5051', help: 'Port to listen on; 0 is any free one.' },
  work_dir: {
    type: PATH,
    required: true,
    help:
      'Holds sandboxes and checkpoints. An agent started on the directory of a former one takes ' +
      'over its id and tasks.',
  },
  runtime_dir: {
    type: PATH,
    help:
      'Holds what a reboot may lose. One per agent. Default: /var/run/mesos for root, else ' +
      'mesos/runtime in the directory for temporary files.',
  },
  resources: {
    type: checked('NAME:VALUE[;…]', (text) => Resources.parse(text)),
    default: '',
    help: "What to offer, such as 'cpus:4;mem:4096;ports:[31000-32000]'; the rest is detected.",
  },
  attributes: {
    type: checked('NAME:VALUE[;…]', parseAttributes),
    default: '',
    help: "What to tell frameworks of this machine, such as 'rack:r1;level:3'.",
  },
  checkpoint: {
    type: SWITCH,
    default: 'true',
    help:
      'Whether tasks outlive the agent. If not, each start is a new agent, and tasks of frameworks ' +
      'that ask for checkpoints are refused.',
  },
  recover: {
    type: oneOf('reconnect', 'cleanup'),
    default: 'reconnect',
    bare: 'reconnect',
    help: 'What to do with tasks of a former agent: take them back, or end them and stop.',
  },
  strict: {
    type: SWITCH,
    default: 'true',
    help: 'Whether a damaged checkpoint stops the agent, or is skipped and counted.',
  },
  switch_user: {
    type: SWITCH,
    default: 'true',
    help: 'Whether tasks run as the user their framework names. Needs root.',
  },
  registration_backoff_factor: {
    type: DURATION,
    default: '1secs',
    help: 'How long to wait, at most, before the first registration; the wait doubles after it.',
  },
  executor_registration_timeout: {
    type: DURATION,
    default: '1mins',
    help: 'How long an executor may take to register before it is ended.',
  },
  executor_reregistration_timeout: {
    type: DURATION,
    default: '2secs',
    help: 'How long executors may take to answer a restarted agent.',
  },
  executor_shutdown_grace_period: {
    type: DURATION,
    default: '5secs',
    help: 'How long an executor may take to end when asked to.',
  },
  recovery_timeout: {
    type: DURATION,
    default: '15mins',
    help: 'How long executors wait for their agent to come back before they end.',
  },
  status_update_retry_interval_min: {
    type: DURATION,
    default: '10secs',
    help: 'How long to wait for the acknowledgement of a status update; doubles with each retry.',
  },
  status_update_retry_interval_max: {
    type: DURATION,
    default: '10mins',
    help: 'The longest wait between retries of a status update.',
  },
  gc_delay: {
    type: DURATION,
    default: '1weeks',
    help: 'How long sandboxes are kept, if there is room on the disk.',
  },
  gc_disk_headroom: {
    type: FRACTION,
    default: '0.1',
    help: 'Share of the disk to keep free: sandboxes go earlier as it fills up.',
  },
  disk_watch_interval: {
    type: DURATION,
    default: '1mins',
    help: 'How often to look how full the disk is.',
  },
  max_completed_frameworks: {
    type: wholeNumber(0),
    default: '50',
    help: 'How many ended frameworks are kept for /state.',
  },
  max_completed_executors_per_framework: {
    type: wholeNumber(0),
    default: '150',
    help: 'How many ended executors of a framework are kept for /state.',
  },
  max_completed_tasks_per_executor: {
    type: wholeNumber(0),
    default: '200',
    help: 'How many ended tasks of an executor are kept for /state.',
  },
  ...HELP_FLAGS,
});
