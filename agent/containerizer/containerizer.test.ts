import { expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import { UPID } from '../../libprocess/upid.ts';
import { AGENT_FLAG_DEFAULTS } from '../flags.ts';
import { NullJournal } from '../journal/null-journal.ts';
import { Containerizer } from './containerizer.ts';
import { Executor } from '../model/executor.ts';
import { Framework } from '../model/framework.ts';
import type { Launcher, RunEnd, RunIdentity } from './launcher/launcher.ts';

const IDENTITY: RunIdentity = { pid: 1, startTime: 1, bootId: 'boot' };
const EXITED: RunEnd = { kind: 'exited', status: { code: 0 } };

type Told = ReturnType<typeof setUp>;

const FRAMEWORK = new Framework({
  id: 'framework',
  info: { user: 'root', name: 'f' },
  pid: undefined,
  checkpoint: false,
  completedExecutorsMax: 1,
});

const commandExecutor = (): Executor =>
  new Executor({
    info: { executor_id: { value: 'executor' } },
    key: { agentId: 'a', frameworkId: 'framework', executorId: 'executor', containerId: 'run' },
    directory: '/w/sandbox',
    commandTask: true,
    checkpoint: false,
    completedTasksMax: 10,
  });

/** A containerizer of one command, whose launcher does what the test says. */
function setUp() {
  const story: string[] = [];
  const starting = new FuturePromise<RunIdentity>();
  const ended: ((containerId: string, end: RunEnd) => void)[] = [];
  const launcher: Launcher = {
    onEnded: (listener) => void ended.push(listener),
    launch: () => starting.future,
    signal: () => undefined,
    destroy: (containerId) => story.push(`destroy ${containerId}`),
    recover: () => Future.ready(new Map()),
    containers: () => Future.ready([]),
    usage: () => Future.ready(undefined),
    forget: () => Future.ready(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const agent = new UPID('slave(1)', '10.0.0.2:5051');
  const containerizer = new Containerizer({
    launcher,
    startCommandExecutor: () => agent,
    flags: { ...AGENT_FLAG_DEFAULTS, workDirectory: '/w', runtimeDirectory: '/r', hostname: 'h' },
    meta: { journal: new NullJournal(), directory: '/w/meta' },
    agent: () => agent,
    agentId: () => 'agent',
    started: () => undefined,
    commandStarted: () => undefined,
    terminate: () => story.push('terminate'),
    onEnded: () => undefined,
  });
  const launch = (): void => {
    const sandbox = '/w/sandbox';
    containerizer.launch({
      containerId: 'run',
      argv: ['/bin/true'],
      environment: {},
      sandbox,
      stdout: `${sandbox}/stdout`,
      stderr: `${sandbox}/stderr`,
      checkpoint: false,
    });
  };
  const end = (): void => ended.forEach((listener) => listener('run', EXITED));
  return { containerizer, launch, starting, end, story };
}

test('a run that was to end while it was being launched ends once it has started', () => {
  const { containerizer, launch, starting, story } = setUp();
  launch();
  containerizer.destroy('run');
  story.length = 0; // The launcher knows nothing to destroy yet.
  starting.set(IDENTITY);
  expect(story).toEqual(['destroy run']);
});

test.each([
  [
    'ends',
    ({ end, starting }: Told) => {
      starting.set(IDENTITY);
      end();
    },
  ],
  [
    'is refused',
    ({ starting }: Told) => {
      starting.fail(new Error('refused'));
    },
  ],
])(
  'a built-in executor that is to end while its run is launched lives until that %s',
  (_how, happens) => {
    const told = setUp();
    const { containerizer, launch, story } = told;
    const executor = commandExecutor();
    containerizer.startCommandExecutor(
      { framework: FRAMEWORK, executor, user: undefined },
      undefined,
    );
    launch();
    containerizer.destroyExecutor(executor);
    expect(story).not.toContain('terminate');
    happens(told);
    expect(story.at(-1)).toBe('terminate');
  },
);

test('the built-in executor whose run has ended ends at once', () => {
  const { containerizer, launch, starting, end, story } = setUp();
  const executor = commandExecutor();
  containerizer.startCommandExecutor(
    { framework: FRAMEWORK, executor, user: undefined },
    undefined,
  );
  launch();
  starting.set(IDENTITY);
  end();
  containerizer.destroyExecutor(executor);
  expect(story).toContain('terminate');
});
