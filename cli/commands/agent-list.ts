import { MasterClient } from '../client/master-client.ts';
import { defineCommand } from '../command.ts';
import { EX_OK } from '../exit-codes.ts';
import { LIST_FLAGS } from '../flags/list-flags.ts';
import { megabytes, printList, share } from '../output/list.ts';

export const AGENT_LIST = defineCommand({
  flags: LIST_FLAGS,
  examples: ['mesos agent list', 'mesos agent list --master=m1:5050 --json'],
  async run({ host, flags }) {
    const rows = await (await MasterClient.open(flags.master, host.env)).agents();
    printList(host, flags.json, {
      rows,
      columns: [
        { title: 'ID', of: (agent) => agent.id },
        { title: 'HOSTNAME', of: (agent) => agent.hostname },
        { title: 'ADDRESS', of: (agent) => agent.pid.slice(agent.pid.indexOf('@') + 1) },
        { title: 'ACTIVE', of: (agent) => (agent.active ? 'yes' : 'no') },
        {
          title: 'CPUS',
          of: ({ used_resources, resources }) => share(used_resources.cpus, resources.cpus),
          align: 'right',
        },
        {
          title: 'MEM',
          of: ({ used_resources, resources }) =>
            `${megabytes(used_resources.mem)}/${megabytes(resources.mem)}`,
          align: 'right',
        },
      ],
      none: 'No agents',
    });
    return EX_OK;
  },
});
