import { MasterClient, type FrameworkShown } from '../client/master-client.ts';
import { defineCommand } from '../command.ts';
import { EX_OK } from '../exit-codes.ts';
import { LIST_ALL_FLAGS } from '../flags/list-flags.ts';
import { megabytes, number, printList } from '../output/list.ts';

export const FRAMEWORK_LIST = defineCommand({
  flags: LIST_ALL_FLAGS,
  examples: ['mesos framework list', 'mesos framework list --all --json'],
  async run({ host, flags }) {
    const lists = await (await MasterClient.open(flags.master, host.env)).frameworks();
    const ended = new Set(lists.completed_frameworks);
    printList(host, flags.json, {
      rows: flags.all ? [...lists.frameworks, ...ended] : lists.frameworks,
      columns: [
        { title: 'ID', of: (framework) => framework.id },
        { title: 'NAME', of: (framework) => framework.name },
        { title: 'USER', of: (framework) => framework.user },
        {
          title: 'STATE',
          of: (framework) => (ended.has(framework) ? 'completed' : stateOf(framework)),
        },
        { title: 'TASKS', of: (framework) => String(framework.tasks.length), align: 'right' },
        {
          title: 'CPUS',
          of: ({ used_resources }) => number(used_resources.cpus),
          align: 'right',
        },
        {
          title: 'MEM',
          of: ({ used_resources }) => megabytes(used_resources.mem),
          align: 'right',
        },
      ],
      none: flags.all ? 'No frameworks' : 'No frameworks; --all shows those that have ended',
    });
    return EX_OK;
  },
});

function stateOf({ active, connected }: FrameworkShown): string {
  if (!connected) return 'disconnected';
  return active ? 'active' : 'inactive';
}
