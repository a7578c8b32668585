import { isTerminal } from '../../common/task-state.ts';
import type { TaskState } from '../../proto/index.ts';
import { MasterClient, type TaskShown } from '../client/master-client.ts';
import { defineCommand } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { EX_NOT_FOUND, EX_OK } from '../exit-codes.ts';
import { HELP_FLAGS } from '../flags/daemon-flags.ts';
import { MASTER_ADDRESS_FLAG } from '../flags/execute-flags.ts';
import { flagTable } from '../flags/flag-table.ts';
import { TEXT } from '../flags/flag-type.ts';
import { suggest } from '../flags/suggest.ts';

export const TASK_KILL = defineCommand({
  flags: flagTable({
    ...MASTER_ADDRESS_FLAG,
    framework: {
      type: TEXT,
      environment: false,
      help: 'Id of the framework, needed if two have a task of that id.',
    },
    ...HELP_FLAGS,
  }),
  positionals: ['TASK_ID'],
  examples: ['mesos task kill hello', 'mesos task kill hello --framework=20ddc7b2…-0003'],
  async run({ host, flags, positionals: [taskId = ''] }) {
    const client = await MasterClient.open(flags.master, host.env);
    const { framework_id } = pick(await client.tasks(), taskId, flags.framework);
    await client.killTask(framework_id, taskId);
    host.stderr.write(`Asked to kill task '${taskId}' of framework ${framework_id}\n`);
    return EX_OK;
  },
});

function pick(tasks: readonly TaskShown[], taskId: string, framework?: string): TaskShown {
  const live = tasks.filter(
    ({ state, framework_id }) =>
      !isTerminal(state as TaskState) && (framework === undefined || framework === framework_id),
  );
  const found = live.filter(({ id }) => id === taskId);
  const [only, another] = found;
  if (only && !another) return only;
  if (another) {
    const owners = found.map(({ framework_id }) => framework_id).join(', ');
    throw new UsageError(
      `Several frameworks have a task '${taskId}': give --framework, one of ${owners}`,
    );
  }
  const meant = suggest(
    taskId,
    live.map(({ id }) => id),
  );
  throw new CommandError(
    `No running task has the id '${taskId}'`,
    EX_NOT_FOUND,
    meant === undefined ? '`mesos task list` shows them.' : `Did you mean '${meant}'?`,
  );
}
