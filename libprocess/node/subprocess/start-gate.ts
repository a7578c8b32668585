import { accessSync, constants, statSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { type Future, FuturePromise } from '../../future.ts';
import { runHooks } from '../../subprocess/parent-hooks.ts';
import type { SpawnOptions, Subprocess } from '../../subprocess.ts';
import { codeOf } from '../system-errors.ts';

/**
 * A child that must not run before its parent's hooks have: a shell that waits on a descriptor
 * of its own and becomes the program (same pid) when it is told to. When the descriptor ends first, for
 * the parent has died or thinks better of it, the program never runs.
 *
 * With supervision a second shell stays, in the child's process group and nobody's child, until the
 * descriptor says that the child has ended, or ends itself: then the parent is gone, and the group is
 * killed. Its membership keeps the number of the group from being given to others.
 */
export interface Gate {
  readonly argv: readonly [string, ...string[]];
  /** The descriptor of the child that it listens to. */
  readonly descriptor: number;
}

/** What opens the gate, and what tells the supervisor that there is nothing left to end. */
const OPEN = 'open\n';
const ENDED = 'ended\n';

export function gateOf(options: SpawnOptions): Gate {
  const { argv, environment, supervised = false } = options;
  const descriptor = Math.max(STDIO, (options.stdio ?? []).length);
  const script = [
    `IFS= read -r word <&${descriptor} && [ "$word" = open ] || exit ${NEVER_RUN}`,
    ...(supervised ? [supervisor(descriptor)] : []),
    `exec ${descriptor}<&-`,
    'exec "$@"',
  ].join('\n');
  const shell = ['/bin/sh', '-c', script, 'start-gate'] as const;
  return { argv: [...shell, ...withEnvironment(environment), ...argv], descriptor };
}

function supervisor(descriptor: number): string {
  const others = Array.from({ length: descriptor - STDIO }, (_, index) => `${STDIO + index}<&-`);
  return `(trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2; cd /
  { read -r word <&${descriptor} || kill -KILL -$$; } </dev/null >/dev/null 2>&1 ${others.join(' ')} &)`;
}

/**
 * A shell adds variables to those it was started with, and drops names that it cannot have. `env`
 * puts that right. The others are not named to it: arguments can be seen by every user of the machine.
 */
function withEnvironment(environment: SpawnOptions['environment']): readonly string[] {
  const removed = SHELL_VARIABLES.filter((name) => environment[name] === undefined);
  const assigned = Object.entries(environment).filter(
    ([name]) => SHELL_VARIABLES.includes(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
  );
  return [
    '/usr/bin/env',
    ...removed.flatMap((name) => ['-u', name]),
    ...assigned.map(([name, value]) => `${name}=${value}`),
  ];
}

/** Variables that shells set, change or do not pass on. */
const SHELL_VARIABLES = [
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
  'IFS',
  'PS1',
  'PS2',
  'PS4',
  'OPTIND',
  'PPID',
];
const STDIO = 3;
/** EX_TEMPFAIL. */
const NEVER_RUN = 75;

/**
 * The code with which the program would not start, as the system's own look-up has it: behind a gate
 * that shows too late. Undefined if there is nothing against it.
 */
export function unstartable(options: SpawnOptions): 'ENOENT' | 'EACCES' | undefined {
  const { argv, environment, workingDirectory = '' } = options;
  const [program] = argv;
  if (program.includes('/')) return refusal(resolve(workingDirectory, program));
  let code: 'ENOENT' | 'EACCES' = 'ENOENT';
  for (const directory of (environment['PATH'] ?? DEFAULT_PATH).split(':')) {
    const refused = refusal(resolve(workingDirectory, directory, program));
    if (!refused) return undefined;
    if (refused === 'EACCES') code = refused;
  }
  return code;
}

function refusal(path: string): 'ENOENT' | 'EACCES' | undefined {
  try {
    if (!statSync(path).isFile()) return 'EACCES';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (cause) {
    return codeOf(cause) === 'EACCES' ? 'EACCES' : 'ENOENT';
  }
}

const DEFAULT_PATH = '/usr/bin:/bin';

interface Gated {
  readonly child: ChildProcess;
  /** The parent's end of the gate's descriptor. */
  readonly valve: Socket;
  readonly started: Future<Subprocess>;
  readonly options: SpawnOptions;
}

/** Runs the hooks, then lets the child become its program. */
export function throughGate({ child, valve, started, options }: Gated): Future<Subprocess> {
  const { parentHooks = [], supervised = false } = options;
  valve.on('error', () => undefined);
  valve.resume().unref();
  child.once('exit', () => valve.end(ENDED));
  const open = (): void => {
    if (supervised) valve.write(OPEN);
    else valve.end(OPEN);
  };
  const promise = new FuturePromise<Subprocess>();
  started.onSettled(() => {
    if (started.isReady) {
      promise.associate(runHooks(started.value, { hooks: parentHooks, open, options }));
    } else {
      promise.fail(started.error);
    }
  });
  return promise.future;
}
