import { HELP_FLAGS } from './daemon-flags.ts';
import { flagTable } from './flag-table.ts';
import { SWITCH } from './flag-type.ts';
import { LOCAL_FLAGS } from './local-flags.ts';

export const START_FLAGS = flagTable({
  port: LOCAL_FLAGS.port,
  agents: LOCAL_FLAGS.agents,
  exit: {
    type: SWITCH,
    default: 'false',
    environment: false,
    help: 'Stops the cluster after the sample job.',
  },
  verbose: LOCAL_FLAGS.verbose,
  ...HELP_FLAGS,
});
