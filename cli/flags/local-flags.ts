import { AGENT_FLAGS } from './agent-flags.ts';
import { HELP_FLAGS } from './daemon-flags.ts';
import { flagTable } from './flag-table.ts';
import { PATH, SWITCH, wholeNumber } from './flag-type.ts';
import { MASTER_FLAGS } from './master-flags.ts';

const AGENTS_MAX = 100;
const environment = false;

export const LOCAL_FLAGS = flagTable({
  agents: {
    type: wholeNumber(0, AGENTS_MAX),
    default: '2',
    environment,
    help: 'How many agents to run.',
  },
  port: { ...MASTER_FLAGS.port, environment },
  work_dir: {
    type: PATH,
    environment,
    help: 'Holds everything of the cluster. Default: a temporary directory, removed at the end.',
  },
  resources: { ...AGENT_FLAGS.resources, environment },
  checkpoint: { ...AGENT_FLAGS.checkpoint, environment },
  verbose: {
    type: SWITCH,
    default: 'false',
    environment,
    help: 'Shows what the daemons log, which else goes to files in the work directory.',
  },
  ...HELP_FLAGS,
});
