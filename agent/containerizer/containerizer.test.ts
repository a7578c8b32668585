import { expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import { UPID } from '../../libprocess/upid.ts';
import { AGENT_FLAG_DEFAULTS } from '../flags.ts';
import { NullJournal } from '../journal/null-journal.ts';
import { Containerizer } from './containerizer.ts';
import type { Launcher, RunIdentity } from './launcher/launcher.ts';

test('a run that was to end while it was being launched ends once it has started', () => {
  const destroyed: string[] = [];
  const starting = new FuturePromise<RunIdentity>();
  const launcher: Launcher = {
    onEnded: () => undefined,
    launch: () => starting.future,
    signal: () => undefined,
    destroy: (containerId) => destroyed.push(containerId),
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
    terminate: () => undefined,
    onEnded: () => undefined,
  });
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
  containerizer.destroy('run');
  destroyed.length = 0; // The launcher knows nothing to destroy yet.
  starting.set({ pid: 1, startTime: 1, bootId: 'boot' });
  expect(destroyed).toEqual(['run']);
});
