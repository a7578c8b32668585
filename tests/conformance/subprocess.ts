import { describe, expect, test } from '@jest/globals';
import { SubprocessError } from '../../libprocess/errors.ts';
import { readAll } from '../../libprocess/io/redirect.ts';
import { bytes, rejection, text } from './subject.ts';
import { describeHooks, describeSupervision } from './subprocess-hooks.ts';
import { on, type OpenSubprocesses } from './subprocess-stage.ts';

/** The contract of `Subprocesses`. */
export function describeSubprocesses(name: string, open: OpenSubprocesses): void {
  describe(`${name} are Subprocesses`, () => {
    describeEnds(open);
    describeStreams(open);
    describeSignals(open);
    describeTable(open);
    describeBackPressure(open);
    describeHooks(open);
    describeSupervision(open);
  });
}

function describeEnds(open: OpenSubprocesses): void {
  test(
    'a process ends with its code [7cb4800]',
    on(open, async (stage) => {
      for (const code of [0, 1, 42]) {
        const child = await stage.spawn(stage.world.programs.exit(code));
        expect(await child.exited).toEqual({ code });
        expect(child.signal('SIGTERM')).toBe(false);
      }
    }),
  );

  test(
    'a process ended by a signal says by which [7cb4800]',
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
      const where = "working directory '/nowhere': no such file or directory";
      expect(lost).toMatchObject({
        code: 'ENOENT',
        message: `Failed to start '${sleep[0]}': ${where}`,
      });
    }),
  );

  test(
    'what no system could start is an error that says why',
    on(open, async (stage) => {
      const { exit } = stage.world.programs;
      for (const [argv, options, reason] of [
        [['a\0b'], {}, 'a word holds a NUL'],
        [exit(0), { workingDirectory: '/\0' }, 'a word holds a NUL'],
        [
          exit(0),
          { environment: undefined as never },
          "there is no 'environment': nothing is inherited, pass what it needs",
        ],
        [exit(0), { environment: { 'A=B': 'c' } }, "'A=B' cannot name a variable"],
        [exit(0), { environment: { A: '\0' } }, "variable 'A' holds a NUL"],
        [
          exit(0),
          { environment: { A: undefined as never } },
          "variable 'A' is no text: leave it out",
        ],
        [['echo', 5 as never], {}, 'a word is no text'],
        [[''], {}, 'the program has no name'],
        [
          exit(0),
          { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
          'descriptor 3 cannot be a pipe: 0, 1 and 2 can',
        ],
        [exit(0), { stdio: [{ descriptor: -1 }] }, 'descriptor 0 would be -1, which is none'],
      ] as const) {
        const error = await rejection(stage.spawn(argv, options));
        const message = `Failed to start '${argv[0]}': ${reason}`;
        expect(error).toMatchObject({ code: 'EINVAL', message });
      }
    }),
  );

  test(
    'the exit of a child can be asked for by its pid, also afterwards; that of others cannot',
    on(open, async (stage) => {
      const { it: subprocesses, programs, pid } = stage.world;
      const child = await stage.spawn(programs.exit(3));
      expect(await subprocesses.exitOf(child.pid)).toEqual({ code: 3 });
      expect(subprocesses.exitOf(child.pid)?.isReady).toBe(true);
      expect(subprocesses.exitOf(pid)).toBeUndefined();
    }),
  );

  test(
    'to discard its exit has no effect on the process',
    on(open, async (stage) => {
      const child = await stage.spawn(stage.world.programs.sleep);
      child.exited.discard();
      expect(child.exited.isPending).toBe(true);
      child.signal('SIGKILL');
      expect(await child.exited).toEqual({ signal: 'SIGKILL' });
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
    'what a process prints comes before its end [3c91145]',
    on(open, async (stage) => {
      const { child, printed } = await stage.talk(stage.world.programs.print);
      await child.exited;
      expect(printed).toEqual({ 1: 'out', 2: 'err' });
    }),
  );

  test(
    'standard input is a pipe until it is closed [cec1653]',
    on(open, async (stage) => {
      const { child, printed } = await stage.talk(stage.world.programs.cat);
      const { in: input } = child;
      if (!input) throw new Error('its standard input is a pipe');
      await input.write(bytes('one\ntw'));
      await input.write(bytes('o\n'));
      await stage.until(() => printed[1] === 'one\ntwo\n');
      await input.end();
      expect(await child.exited).toEqual({ code: 0 });
      expect(await rejection(input.write(bytes('too late')))).toMatchObject({ code: 'EPIPE' });
      await input.end();
    }),
  );

  test(
    'output to a file is appended to it [355485b]',
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
    'a process has the descriptors that it was given and no others [36af7c9]',
    on(open, async (stage) => {
      const { root, programs } = stage.world;
      const file = { path: `${root}/extra`, mode: 'append' } as const;
      for (const [more, expected] of [
        [[], '0 1 2'],
        [[file], '0 1 2 3'],
        [['ignore', file], '0 1 2 4'],
      ] as const) {
        const { child, printed } = await stage.talk(programs.descriptors, {
          stdio: ['ignore', 'pipe', 'pipe', ...more],
        });
        await child.exited;
        expect(printed[1].trim()).toBe(expected);
      }
    }),
  );

  test(
    'the environment is what was given and nothing else [82a687b, 9a37471, a736de9, d5613e9, bb4d9e9]',
    on(open, async (stage) => {
      const value = `a b=c "quoted" 'twice' $HOME \\`;
      const environment = { ...stage.world.environment, MESOS_TASK: value };
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
      const living = await stage.spawn(programs.sleep);
      expect(() => living.signal('SIGNOTHING')).toThrow(SubprocessError);
      living.signal('SIGKILL');
      await living.exited;
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

function describeBackPressure(open: OpenSubprocesses): void {
  test(
    'more than a pipe holds comes whole, however slowly it is read [14ee534]',
    on(open, async (stage) => {
      const size = 3_000_000;
      const stdio = ['ignore', 'pipe', 'ignore'] as const;
      const child = await stage.spawn(stage.world.programs.flood(size), { stdio });
      if (!child.out) throw new Error('its standard output is a pipe');
      let read = (await child.out.read(10)).length;
      expect(read).toBe(10);
      await stage.until(() => true);
      read += (await readAll(child.out)).length;
      expect(read).toBe(size);
      expect(await child.exited).toEqual({ code: 0 });
      expect(await child.out.read()).toHaveLength(0);
    }),
  );
}
