import { isTerminal } from '../../common/task-state.ts';
import type { TaskState } from '../../proto/index.ts';
import { MasterClient } from '../client/master-client.ts';
import { defineCommand } from '../command.ts';
import { EX_OK } from '../exit-codes.ts';
import { LIST_ALL_FLAGS } from '../flags/list-flags.ts';
import { megabytes, number, printList } from '../output/list.ts';

export const TASK_LIST = defineCommand({
  flags: LIST_ALL_FLAGS,
  examples: ['mesos task list', 'mesos task list --all --json'],
  async run({ host, flags }) {
    const tasks = await (await MasterClient.open(flags.master, host.env)).tasks();
    const rows = flags.all ? tasks : tasks.filter(({ state }) => !isTerminal(state as TaskState));
    printList(host, flags.json, {
      rows,
      columns: [
        { title: 'ID', of: (task) => task.id },
        { title: 'NAME', of: (task) => task.name },
        { title: 'STATE', of: (task) => task.state },
        { title: 'CPUS', of: (task) => number(task.resources.cpus), align: 'right' },
        { title: 'MEM', of: (task) => megabytes(task.resources.mem), align: 'right' },
        { title: 'FRAMEWORK', of: (task) => task.framework_id },
        { title: 'AGENT', of: (task) => task.slave_id },
      ],
      none: flags.all ? 'No tasks' : 'No running tasks; --all shows those that have ended',
    });
    return EX_OK;
  },
});
