import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type {
  CommandInfo,
  ExecutorInfo,
  FrameworkInfo,
  Offer,
  Resource,
  TaskInfo,
} from '../../proto/index.ts';
import { SchedulerProcess } from '../../scheduler-driver/scheduler-process.ts';
import { MASTER, RecordedHost } from './stories/recorded-host.ts';

interface Process {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Recording = Readonly<Record<string, Readonly<Record<string, Process>>>>;

const RECORDED = JSON.parse(
  readFileSync(new URL('./env/environment.json', import.meta.url), 'utf8'),
) as Recording;

const EXECUTOR = '/opt/example/executor json';
const TEST_EXECUTOR = '/usr/libexec/mesos/test-executor';

const resources = (): Resource[] =>
  Object.entries({ cpus: 0.1, mem: 32 }).map(([name, value]) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
  }));

const variable = (name: string): Pick<CommandInfo, 'environment'> => ({
  environment: { variables: [{ name, value: '1' }] },
});

const custom = (id: string, command: CommandInfo): ExecutorInfo => ({
  executor_id: { value: id },
  command,
  resources: resources(),
});

/** What the recorded frameworks launched, as far as this agent runs it. */
function tasks({ slave_id }: Offer): TaskInfo[] {
  const launched: Readonly<Record<string, Partial<TaskInfo>>> = {
    cmd: { command: { value: 'sleep 7777', ...variable('FROM_TASK') } },
    argv: { command: { shell: false, value: 'sleep', arguments: ['sleep', '7778'] } },
    custom: { executor: custom('exec-1', { value: EXECUTOR, ...variable('FROM_EXECUTOR_INFO') }) },
    v0: { executor: custom('default', { value: TEST_EXECUTOR }) },
  };
  return Object.entries(launched).map(([id, what]) => ({
    name: id,
    task_id: { value: id },
    slave_id,
    resources: resources(),
    ...what,
  }));
}

class Scheduler extends SchedulerProcess {
  protected override resourceOffers([offer]: readonly Offer[]): void {
    if (offer) this.launchTasks(offer.id.value, tasks(offer));
  }
}

/** All processes that our agent starts for a framework, by what they are. */
async function started(options: {
  readonly checkpoint: boolean;
  readonly agent: Readonly<Record<string, string>>;
}): Promise<Map<string, Process>> {
  const host = await RecordedHost.masterOnly();
  const found = new Map<string, Process>();
  const seen = (name: string) => (context: ProcessContext) => {
    const { argv, environment, workingDirectory: cwd } = context;
    found.set(name, { argv, cwd, environment });
  };
  host.installCommand('sleep 7777', seen('command task, shell'));
  host.installCommand(EXECUTOR, seen('custom v1 executor'));
  host.installCommand(TEST_EXECUTOR, seen('custom v0 executor (test-executor)'));
  host.sim.programs.define('/bin/sleep', seen('command task, argv'));
  await host.startAgent({ environment: options.agent });
  const framework: FrameworkInfo = { user: 'root', name: 'env', checkpoint: options.checkpoint };
  await host.runScheduler(new Scheduler({ master: MASTER.address, framework }));
  await host.sim.advance(5_000);
  return found;
}

type ProcessContext = Parameters<Parameters<RecordedHost['installCommand']>[1]>[0];

/** Ids differ from run to run. */
const comparable = (text: string): string =>
  text
    .replaceAll(/[0-9a-f-]{36}(?=-S\d|-\d{4})/g, '<master>')
    .replaceAll(/runs\/[0-9a-f-]{36}/g, 'runs/<container>')
    .replaceAll(/(?<=<master>-)\d{4}/g, '<framework>');

const comparableProcess = ({
  argv: [program = '', ...words],
  cwd,
  environment,
}: Process): unknown => ({
  // C++ calls the program by its name; the recorded executors are scripts, whose interpreter shows.
  ...(environment['MESOS_ALLOCATION_ROLE'] !== undefined && {
    argv: [program.slice(program.lastIndexOf('/') + 1), ...words],
  }),
  cwd: comparable(cwd),
  environment: Object.fromEntries(
    Object.entries(environment)
      // Set by the recorded executor's shell for itself.
      .filter(([name]) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))
      .map(([name, value]) => [name, comparable(value)]),
  ),
});

const AGENT = { FOO: 'bar', MESOS_FOO: 'x', LIBPROCESS_FOO: 'y' };
const WITH_AGENT = 'agent started with FOO=bar MESOS_FOO=x LIBPROCESS_FOO=y';

describe('the environment and working directory of', () => {
  test.each([
    ['default flags, framework with checkpoint=true', 3, { checkpoint: true, agent: {} }],
    ['default flags, framework with checkpoint=false', 3, { checkpoint: false, agent: {} }],
    ['default flags, v0 framework test-framework', 1, { checkpoint: false, agent: {} }],
    [`${WITH_AGENT}, framework with checkpoint=true`, 3, { checkpoint: true, agent: AGENT }],
    [`${WITH_AGENT}, framework with checkpoint=false`, 3, { checkpoint: false, agent: AGENT }],
  ])('executors and tasks are as recorded: %s, %i processes', async (recording, count, options) => {
    const ours = await started(options);
    const theirs = Object.entries(RECORDED[recording] ?? {}).filter(([what]) => ours.has(what));
    expect(theirs).toHaveLength(count);
    for (const [what, process] of theirs) {
      const our = ours.get(what);
      expect({ what, ...(our && { is: comparableProcess(our) }) }).toEqual({
        what,
        is: comparableProcess(process),
      });
    }
  });
});
