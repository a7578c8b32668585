import { expect, test } from '@jest/globals';
import type { Future } from '../../libprocess/future.ts';
import type { Subprocess } from '../../libprocess/subprocess.ts';
import { rejection, text } from './subject.ts';
import { on, type OpenSubprocesses } from './subprocess-stage.ts';

/** What parents do before a child runs its program. */
export function describeHooks(open: OpenSubprocesses): void {
  test(
    'hooks run in order, with the pid, before the program does',
    on(open, async (stage) => {
      const { root, disk, programs, it: subprocesses, clock } = stage.world;
      const out = { path: `${root}/out`, mode: 'append' } as const;
      const told: string[] = [];
      const child = await stage.spawn(programs.print, {
        stdio: ['ignore', out, 'ignore'],
        parentHooks: [
          async (pid) => {
            await new Promise<void>((resolve) => void clock.timer(20, resolve));
            expect(subprocesses.inspect(pid)?.pid).toBe(pid);
            told.push(`first, after ${text(await disk.readFile(`${root}/out`))}`);
          },
          (pid) => void told.push(`second ${pid}`),
        ],
      });
      expect(told).toEqual(['first, after ', `second ${child.pid}`]);
      expect(await child.exited).toEqual({ code: 0 });
      expect(text(await disk.readFile(`${root}/out`))).toBe('out');
    }),
  );

  test(
    'a child with hooks has the same environment, descriptors and directory as one without',
    on(open, async (stage) => {
      const { programs, root } = stage.world;
      const environment = { ...stage.world.environment, MESOS_TASK: `a b=c 'd' "e"` };
      for (const argv of [programs.environment, programs.descriptors, programs.workingDirectory]) {
        const options = { environment, workingDirectory: root };
        const plain = await stage.talk(argv, options);
        const hooked = await stage.talk(argv, { ...options, parentHooks: [() => undefined] });
        const supervised = await stage.talk(argv, { ...options, supervised: true });
        for (const { child } of [plain, hooked, supervised]) await child.exited;
        expect(hooked.printed).toEqual(plain.printed);
        expect(supervised.printed).toEqual(plain.printed);
      }
    }),
  );

  test(
    'a hook that fails ends the child before it has run',
    on(open, async (stage) => {
      const { root, disk, programs, it: subprocesses } = stage.world;
      const out = { path: `${root}/out`, mode: 'append' } as const;
      const pids: number[] = [];
      const failed = stage.spawn(programs.print, {
        stdio: ['ignore', out, 'ignore'],
        parentHooks: [
          (pid) => void pids.push(pid),
          () => Promise.reject(new Error('no such group')),
          () => void pids.push(-1),
        ],
      });
      const message = `Failed to start '${programs.print[0]}': a hook failed: no such group`;
      expect(await rejection(failed)).toMatchObject({ code: 'HOOK_FAILED', message });
      expect(pids).toHaveLength(1);
      await stage.until(() => subprocesses.inspect(pids[0] ?? 0) === undefined);
      expect(text(await disk.readFile(`${root}/out`))).toBe('');
    }),
  );

  test(
    'who discards the start, or kills the child while hooks run, starts nothing',
    on(open, async (stage) => {
      const { programs, it: subprocesses } = stage.world;
      const forever = new Promise<void>(() => undefined);
      const start = (hook: (pid: number) => void): Future<Subprocess> =>
        subprocesses.spawn({
          argv: programs.print,
          environment: stage.world.environment,
          parentHooks: [hook, () => forever],
        });
      let pid = 0;
      const discarded = start((its) => (pid = its));
      await stage.until(() => pid !== 0);
      discarded.discard();
      await stage.until(() => discarded.isDiscarded && subprocesses.inspect(pid) === undefined);
      const killed = start((its) => void subprocesses.signal(its, 'SIGKILL'));
      expect(await rejection(killed)).toMatchObject({ code: 'ESRCH' });
    }),
  );

  test(
    'what cannot be started is the same error with hooks',
    on(open, async (stage) => {
      const parentHooks = [
        (): never => {
          throw new Error('must not run');
        },
      ];
      const plain = await rejection(stage.spawn(['/nowhere/program']));
      const hooked = await rejection(stage.spawn(['/nowhere/program'], { parentHooks }));
      expect(hooked).toEqual(plain);
      expect(await rejection(stage.spawn(['no-such-program'], { parentHooks }))).toMatchObject({
        code: 'ENOENT',
        message: "Failed to start 'no-such-program': no such file or directory",
      });
    }),
  );
}

export function describeSupervision(open: OpenSubprocesses): void {
  test(
    'a supervised process is a session leader with the exit status and signals of any other',
    on(open, async (stage) => {
      const { programs, it: subprocesses } = stage.world;
      const sleeper = await stage.spawn(programs.sleep, { supervised: true });
      const { pid } = sleeper;
      await stage.until(() => subprocesses.inspect(pid)?.session === pid);
      expect(sleeper.signal('SIGTERM')).toBe(true);
      expect(await sleeper.exited).toEqual({ signal: 'SIGTERM' });
      const ended = await stage.spawn(programs.exit(7), { supervised: true });
      expect(await ended.exited).toEqual({ code: 7 });
      // Whoever watched over it has nothing more to do.
      await stage.until(() => !subprocesses.list().some(({ group }) => group === pid));
    }),
  );
}
