import { Resources } from '../../common/resources.ts';
import { refusal, success } from '../../common/result.ts';
import { HELP_FLAGS } from './daemon-flags.ts';
import { flagTable } from './flag-table.ts';
import { DURATION, SWITCH, TEXT, wholeNumber, type FlagType } from './flag-type.ts';
import { parseJsonObject } from './json-object.ts';

export const MASTER_ADDRESS_FLAG = flagTable({
  master: { type: TEXT, default: '127.0.0.1:5050', help: 'The master, as HOST:PORT.' },
});

const RESOURCES: FlagType<Resources> = {
  placeholder: 'NAME:VALUE[;…]',
  parse: (text) => Resources.parse(text),
};

type Variables = Readonly<Record<string, string>>;

const EXAMPLE = '{"NAME":"VALUE"}';

const ENVIRONMENT: FlagType<Variables> = {
  placeholder: '{"NAME":"VALUE",…}',
  parse: (text) => {
    const value = parseJsonObject(text, EXAMPLE);
    if (!value.ok) return value;
    for (const [name, variable] of Object.entries(value.value)) {
      if (typeof variable !== 'string') return refusal(`The value of '${name}' is no string`);
    }
    return success(value.value as Variables);
  },
};

// Within a task the environment holds MESOS_CHECKPOINT and others, which are not for us.
const environment = false;

export const EXECUTE_FLAGS = flagTable({
  ...MASTER_ADDRESS_FLAG,
  name: { type: TEXT, required: true, environment, help: 'Name and id of the task.' },
  command: { type: TEXT, required: true, environment, help: 'What to run.' },
  shell: {
    type: SWITCH,
    default: 'true',
    environment,
    help: 'Whether a shell runs the command; if not, it is the path of a program.',
  },
  env: { type: ENVIRONMENT, default: '{}', environment, help: 'Environment of the command.' },
  resources: {
    type: RESOURCES,
    default: 'cpus:1;mem:128',
    environment,
    help: 'What one task needs.',
  },
  instances: {
    type: wholeNumber(1, 10_000),
    default: '1',
    environment,
    help: 'How many tasks to run; with more than one, their ids end in -0, -1 and so on.',
  },
  kill_after: { type: DURATION, environment, help: 'Kills a task that has run for so long.' },
  checkpoint: {
    type: SWITCH,
    default: 'false',
    environment,
    help: 'Whether the tasks outlive a restart of their agent.',
  },
  role: { type: TEXT, default: '*', environment, help: 'Role whose resources to use.' },
  principal: { type: TEXT, environment, help: 'Principal to register with.' },
  ...HELP_FLAGS,
});
