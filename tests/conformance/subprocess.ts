import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../libprocess/clock.ts';
import type { Disk } from '../../libprocess/disk.ts';
import { SubprocessError } from '../../libprocess/errors.ts';
import type { SpawnOptions, Subprocess, Subprocesses } from '../../libprocess/subprocess.ts';
import { bytes, rejection, text, type Subject } from './subject.ts';

type Argv = readonly [string, ...string[]];

/** Programs that behave alike in both worlds. */
export interface Programs {
  /** Ends at once with this code. */
  exit(code: number): Argv;
  /** Prints `out` to descriptor 1 and `err` to 2, then ends with 0. */
  readonly print: Argv;
  /** Copies standard input to standard output, line by line, until it ends. */
  readonly cat: Argv;
  /** Prints each variable of its environment as `name=value`, sorted, a line each. */
  readonly environment: Argv;
  /** Prints its working directory. */
  readonly workingDirectory: Argv;
  /** Does nothing until a signal ends it. */
  readonly sleep: Argv;
  /** Prints `ready` when it has begun to ignore TERM. */
  readonly stubborn: Argv;
  /** Prints the pid of a child that sleeps, then waits for it. */
  readonly parent: Argv;
}

export interface SubprocessSubject extends Subject<Subprocesses> {
  readonly clock: Clock;
  readonly disk: Disk;
  /** An existing directory for the test's files. */
  readonly root: string;
  /** Pid of the process that spawns. */
  readonly pid: number;
  /** Variables that the world itself needs for programs to be found. */
  readonly environment: Readonly<Record<string, string>>;
  readonly programs: Programs;
}

export type OpenSubprocesses = () => Promise<SubprocessSubject>;

/** The contract of `Subprocesses`. */
export function describeSubprocesses(name: string, open: OpenSubprocesses): void {
  describe(`${name} are Subprocesses`, () => {
    describeEnds(open);
    describeStreams(open);
    describeSignals(open);
    describeTable(open);
  });
}

/** One test's world, with what each test of this contract needs. */
class Stage {
  readonly #subject: SubprocessSubject;

  constructor(subject: SubprocessSubject) {
    this.#subject = subject;
  }

  get world(): SubprocessSubject {
    return this.#subject;
  }

  async spawn(argv: Argv, options: Partial<SpawnOptions> = {}): Promise<Subprocess> {
    const { environment } = this.#subject;
    return await this.#subject.it.spawn({ argv, environment, ...options });
  }

  /** Spawns with pipes and collects what is printed. */
  async talk(argv: Argv, options: Partial<SpawnOptions> = {}): Promise<Talk> {
    const child = await this.spawn(argv, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    const printed: Talk['printed'] = { 1: '', 2: '' };
    child.onOutput((descriptor, data) => (printed[descriptor] += text(data)));
    return { child, printed };
  }

  async until(condition: () => boolean): Promise<void> {
    const { clock } = this.#subject;
    while (!condition()) {
      await new Promise<void>((resolve) => {
        clock.timer(5, resolve);
      });
    }
  }
}

interface Talk {
  readonly child: Subprocess;
  readonly printed: Record<1 | 2, string>;
}

function on(open: OpenSubprocesses, body: (stage: Stage) => Promise<void>): () => Promise<void> {
  return async () => {
    await using subject = await open();
    await subject.complete(body(new Stage(subject)));
  };
}

function describeEnds(open: OpenSubprocesses): void {
  test(
    'a process ends with its code',
    on(open, async (stage) => {
      for (const code of [0, 1, 42]) {
        const child = await stage.spawn(stage.world.programs.exit(code));
        expect(await child.exited).toEqual({ code });
        expect(child.signal('SIGTERM')).toBe(false);
      }
    }),
  );

  test(
    'a process ended by a signal says by which',
    on(open, async (stage) => {
      for (const signal of ['SIGTERM', 'SIGKILL', 'SIGINT']) {
        const child = await stage.spawn(stage.world.programs.sleep);
        expect(child.signal(signal)).toBe(true);
        expect(await child.exited).toEqual({ signal });
      }
    }),
  );

  test(
    'what cannot be started is an error that names it',
    on(open, async (stage) => {
      const error = await rejection(stage.spawn(['/nowhere/program']));
      expect(error).toBeInstanceOf(SubprocessError);
      const message = "Failed to start '/nowhere/program': no such file or directory";
      expect(error).toMatchObject({ code: 'ENOENT', message });
      const { sleep } = stage.world.programs;
      const lost = await rejection(stage.spawn(sleep, { workingDirectory: '/nowhere' }));
      expect(lost).toMatchObject({ code: 'ENOENT' });
    }),
  );

  test(
    'a reaped process is gone from the table',
    on(open, async (stage) => {
      const child = await stage.spawn(stage.world.programs.exit(0));
      await child.exited;
      await stage.until(() => stage.world.it.inspect(child.pid) === undefined);
    }),
  );
}

function describeStreams(open: OpenSubprocesses): void {
  test(
    'what a process prints comes before its end',
    on(open, async (stage) => {
      const { child, printed } = await stage.talk(stage.world.programs.print);
      await child.exited;
      expect(printed).toEqual({ 1: 'out', 2: 'err' });
    }),
  );

  test(
    'standard input is a pipe until it is closed',
    on(open, async (stage) => {
      const { child, printed } = await stage.talk(stage.world.programs.cat);
      child.write(bytes('one\ntw'));
      child.write(bytes('o\n'));
      await stage.until(() => printed[1] === 'one\ntwo\n');
      child.end();
      expect(await child.exited).toEqual({ code: 0 });
      child.write(bytes('too late'));
      child.end();
    }),
  );

  test(
    'output to a file is appended to it',
    on(open, async (stage) => {
      const { disk, root, programs } = stage.world;
      const out = { path: `${root}/stdout`, mode: 'append' } as const;
      for (let run = 0; run < 2; run += 1) {
        await (
          await stage.spawn(programs.print, { stdio: ['ignore', out, 'ignore'] })
        ).exited;
      }
      expect(text(await disk.readFile(`${root}/stdout`))).toBe('outout');
      const missing = { path: `${root}/no/such/directory`, mode: 'append' } as const;
      const failed = stage.spawn(programs.print, { stdio: ['ignore', missing] });
      expect(await rejection(failed)).toMatchObject({ code: 'ENOENT' });
    }),
  );

  test(
    'the environment is what was given and nothing else',
    on(open, async (stage) => {
      const environment = { ...stage.world.environment, MESOS_TASK: 'a b=c' };
      const { child, printed } = await stage.talk(stage.world.programs.environment, {
        environment,
      });
      await child.exited;
      const expected = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      expect(printed[1].trimEnd().split('\n')).toEqual(expected.sort());
    }),
  );

  test(
    'a process starts in the directory it was given',
    on(open, async (stage) => {
      const { root, programs } = stage.world;
      const options = { workingDirectory: root };
      const { child, printed } = await stage.talk(programs.workingDirectory, options);
      await child.exited;
      expect(printed[1].trimEnd()).toBe(root);
    }),
  );
}

function describeSignals(open: OpenSubprocesses): void {
  test(
    'TERM can be ignored, KILL cannot',
    on(open, async (stage) => {
      const { child, printed } = await stage.talk(stage.world.programs.stubborn);
      await stage.until(() => printed[1] === 'ready\n');
      expect(child.signal('SIGTERM')).toBe(true);
      expect(stage.world.it.signal(child.pid, 'SIGTERM')).toBe(true);
      expect(child.exited.isPending).toBe(true);
      expect(child.signal('SIGKILL')).toBe(true);
      expect(await child.exited).toEqual({ signal: 'SIGKILL' });
    }),
  );

  test(
    'a stopped process is in state T until it is continued, and TERM waits for that',
    on(open, async (stage) => {
      const { it: subprocesses, programs } = stage.world;
      const child = await stage.spawn(programs.sleep);
      const state = (): string | undefined => subprocesses.inspect(child.pid)?.state;
      subprocesses.signal(child.pid, 'SIGSTOP');
      await stage.until(() => state() === 'T');
      subprocesses.signal(child.pid, 'SIGTERM');
      subprocesses.signal(child.pid, 'SIGCONT');
      expect(await child.exited).toEqual({ signal: 'SIGTERM' });
    }),
  );

  test(
    'a negative pid is a group: it is signalled whole, and no other',
    on(open, async (stage) => {
      const { it: subprocesses, programs } = stage.world;
      const { child, printed } = await stage.talk(programs.parent, { session: true });
      const bystander = await stage.spawn(programs.sleep, { session: true });
      await stage.until(() => printed[1].endsWith('\n'));
      const grandchild = Number(printed[1]);
      expect(subprocesses.inspect(grandchild)).toMatchObject({
        parent: child.pid,
        group: child.pid,
        session: child.pid,
      });
      expect(subprocesses.signal(-child.pid, 'SIGKILL')).toBe(true);
      expect(await child.exited).toEqual({ signal: 'SIGKILL' });
      await stage.until(() => {
        const state = subprocesses.inspect(grandchild)?.state;
        return state === undefined || state === 'Z';
      });
      expect(subprocesses.inspect(bystander.pid)?.state).not.toBe('Z');
      bystander.signal('SIGKILL');
      await bystander.exited;
    }),
  );

  test(
    'who is not there is not signalled, and nobody is by mistake',
    on(open, async (stage) => {
      const { it: subprocesses, programs } = stage.world;
      const child = await stage.spawn(programs.exit(0));
      await child.exited;
      expect(subprocesses.signal(child.pid, 'SIGTERM')).toBe(false);
      expect(subprocesses.signal(-child.pid, 'SIGTERM')).toBe(false);
      for (const pid of [0, 1, -1, 2.5, NaN]) {
        expect(() => subprocesses.signal(pid, 'SIGKILL')).toThrow(SubprocessError);
      }
      const unknown = (): boolean => subprocesses.signal(stage.world.pid, 'SIGNOTHING');
      expect(unknown).toThrow(/Failed to signal process \d+: unknown signal 'SIGNOTHING'/);
    }),
  );
}

function describeTable(open: OpenSubprocesses): void {
  test(
    'a process is told by pid and start time, with its parent, group and session',
    on(open, async (stage) => {
      const { it: subprocesses, programs, pid } = stage.world;
      const own = subprocesses.inspect(pid);
      const child = await stage.spawn(programs.sleep);
      const leader = await stage.spawn(programs.sleep, { session: true });
      expect(subprocesses.inspect(child.pid)).toMatchObject({
        pid: child.pid,
        parent: pid,
        group: own?.group,
        session: own?.session,
      });
      expect(subprocesses.inspect(leader.pid)).toMatchObject({
        group: leader.pid,
        session: leader.pid,
      });
      const startTime = subprocesses.inspect(child.pid)?.startTime;
      expect(Number.isInteger(startTime)).toBe(true);
      expect(startTime).toBeGreaterThanOrEqual(own?.startTime ?? Infinity);
      const pids = subprocesses.list().map((info) => info.pid);
      expect(pids).toEqual(expect.arrayContaining([1, pid, child.pid, leader.pid]));
      for (const one of [child, leader]) {
        one.signal('SIGKILL');
        await one.exited;
      }
      expect(subprocesses.inspect(2 ** 22 + 1)).toBeUndefined();
    }),
  );
}
