import { MasterClient } from '../client/master-client.ts';
import { defineCommand } from '../command.ts';
import { EX_OK } from '../exit-codes.ts';
import { HELP_FLAGS } from '../flags/daemon-flags.ts';
import { MASTER_ADDRESS_FLAG } from '../flags/execute-flags.ts';
import { flagTable } from '../flags/flag-table.ts';

export const FRAMEWORK_TEARDOWN = defineCommand({
  flags: flagTable({ ...MASTER_ADDRESS_FLAG, ...HELP_FLAGS }),
  positionals: ['FRAMEWORK_ID'],
  examples: ['mesos framework teardown 20ddc7b2-1f2e-4f3a-b1a6-3a4d7a0c5f11-0003'],
  async run({ host, flags, positionals: [frameworkId = ''] }) {
    await (await MasterClient.open(flags.master, host.env)).teardown(frameworkId);
    host.stderr.write(`Framework ${frameworkId} is torn down: its tasks are killed\n`);
    return EX_OK;
  },
});
