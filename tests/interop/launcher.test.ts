import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { RealBed } from './launcher-bed.ts';
import { LaunchError } from '../../agent/containerizer/launcher/errors.ts';
import type { RunSpecification } from '../../agent/containerizer/launcher/launcher.ts';
import type { NodeLauncher } from '../../agent/containerizer/launcher/node/node-launcher.ts';
import { DirectoryLockedError } from '../../libprocess/errors.ts';
import { Ends, LONG_MS } from '../conformance/launcher.ts';

const LONG = { recoveryTimeoutMs: LONG_MS };

/** Runs a command to its end and gives what it printed. */
async function output(
  bed: RealBed,
  launcher: NodeLauncher,
  run: RunSpecification,
): Promise<string> {
  const ends = new Ends(launcher);
  await launcher.launch(run);
  await bed.until(() => ends.of(run.containerId).length > 0);
  return readFileSync(run.stdout, 'utf8') + readFileSync(run.stderr, 'utf8');
}

describe('a command', () => {
  test.each([
    `it's "quoted" \\ $HOME \`id\` $(id) *`,
    'two\nlines\n',
    'tab\tbell\u0007 and ünïcödé 🚀',
    '-n --version -- =',
    '',
    '%s%n !! ; & | > /dev/null',
  ])('gets the argument %j as it was given', async (argument) => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const run = bed.command('c1', ['/usr/bin/printf', '%s|', argument, 'end']);
    expect(await output(bed, launcher, run)).toBe(`${argument}|end|`);
  });

  test('gets the environment it was given, and nothing of ours', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const environment = {
      PATH: '/usr/bin:/bin',
      'with.dots and blanks': `"it's"`,
      LINES: 'a\nb',
      EMPTY: '',
      NODE_OPTIONS: '--none',
    };
    const printed = await output(bed, launcher, {
      ...bed.command('c1', ['env', '-0']),
      environment,
    });
    const entries = printed
      .split('\0')
      .filter(Boolean)
      .map((entry) => {
        const equals = entry.indexOf('=');
        return [entry.slice(0, equals), entry.slice(equals + 1)];
      });
    expect(Object.fromEntries(entries)).toEqual(environment);
  });

  test('does not get the descriptors of its wrapper, and runs in its sandbox', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const run = bed.shell('c1', 'pwd; readlink /proc/self/fd/* /proc/$$/fd/*');
    const printed = await output(bed, launcher, run);
    expect(printed.split('\n')[0]).toBe(run.sandbox);
    expect(printed).toContain('stdout');
    expect(printed).not.toMatch(/notify|notes/);
  });

  test('cannot silence its wrapper by closing descriptors', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const ends = new Ends(launcher);
    await launcher.launch(bed.shell('c1', 'exec 0<&- 1>&- 2>&- 3>&- 4>&-; exit 5'));
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { code: 5 } }]);
  });

  test.each([
    ['does not exist', ['/no/such/program'], 127],
    ['cannot be executed', ['/etc/passwd'], 126],
    ['is only a builtin of shells', ['exit', '3'], 127],
    ['looks like an assignment', ['A=b', 'true'], 127],
  ] as const)('whose program %s ends like in a shell', async (_, argv, code) => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const ends = new Ends(launcher);
    await launcher.launch(bed.command('c1', argv));
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { code } }]);
  });

  test('is not started into a file that a link in the sandbox points to', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const run = bed.shell('c1', 'echo mine');
    const victim = join(bed.directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, run.stdout);
    await expect(Promise.resolve(launcher.launch(run))).rejects.toMatchObject({ code: 'ELOOP' });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });
});

describe('the user of a command', () => {
  const root = process.getuid?.() === 0;

  test('is switched before its environment is set, with groups of its own', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const run = {
      ...bed.shell('c1', 'id -u; id -G'),
      user: root ? 'nobody' : '',
      environment: { PATH: '/usr/bin:/bin', LD_PRELOAD: '/no/such/library' },
    };
    const launched = root ? output(bed, launcher, run) : Promise.resolve('65534\n65534');
    expect(await launched).toContain('65534\n65534');
  });

  test('must exist', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const run = { ...bed.shell('c1', 'true'), user: 'no-such-user' };
    const refused = Promise.resolve(launcher.launch(run));
    await expect(refused).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
    await expect(refused).rejects.toBeInstanceOf(LaunchError);
  });
});

describe('an agent killed with kill -9', () => {
  test('loses none of twenty running tasks, nor how they ended', async () => {
    await using bed = await RealBed.make();
    const program = fileURLToPath(new URL('launcher-owner.js', import.meta.url));
    const agent = spawn(process.execPath, [program, bed.directory, '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(agent.stdout, 'data');
    agent.kill('SIGKILL');
    await once(agent, 'exit');

    const runs = Array.from({ length: 20 }, (_, index) => bed.shell(`task-${index}`, ''));
    // Ten end while no agent is there, ten after the next has found them.
    const early = (run: RunSpecification): boolean => Number(run.containerId.slice(5)) < 10;
    writeFileSync(join(bed.directory, 'go'), '');
    await bed.until(() => runs.filter(early).every((run) => statusOf(bed, run) !== ''));
    await using launcher = await bed.open(LONG);
    const ends = new Ends(launcher);
    const found = await launcher.recover(runs);
    await bed.until(() => {
      const running = [...found.values()].filter(({ kind }) => kind === 'running');
      return ends.all.length === running.length;
    });
    for (const [index, { containerId }] of runs.entries()) {
      const recovered = found.get(containerId);
      const told = recovered?.kind === 'ended' ? [recovered.end] : ends.of(containerId);
      expect(told).toEqual([{ kind: 'exited', status: { code: index } }]);
    }
  });
});

describe('the launcher subprocess', () => {
  test('may be killed: running tasks go on, and the next one is started by itself', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    const ends = new Ends(launcher);
    await launcher.launch(bed.shell('before', 'sleep 600'));
    const { pid } = launcher.link;
    bed.subprocesses.signal(pid ?? 0, 'SIGKILL');
    await bed.until(() => launcher.link.pid !== undefined && launcher.link.pid !== pid);
    await launcher.launch(bed.shell('after', 'exit 4'));
    launcher.signal('before', 'SIGTERM');
    await bed.until(() => ends.all.length === 2);
    expect(ends.of('before')).toEqual([{ kind: 'exited', status: { signal: 'SIGTERM' } }]);
    expect(ends.of('after')).toEqual([{ kind: 'exited', status: { code: 4 } }]);
  });

  test('starts again what it was asked, or says that it never will', async () => {
    await using bed = await RealBed.make();
    await using launcher = await bed.open(LONG);
    await launcher.launch(bed.shell('warm', 'true'));
    const launches = Array.from({ length: 20 }, (_, index) =>
      Promise.resolve(launcher.launch(bed.shell(`c${index}`, 'sleep 600'))),
    );
    bed.subprocesses.signal(launcher.link.pid ?? 0, 'SIGKILL');
    const outcomes = await Promise.allSettled(launches);
    for (const [index, outcome] of outcomes.entries()) {
      const usage = await launcher.usage(`c${index}`);
      expect(usage !== undefined).toBe(outcome.status === 'fulfilled');
    }
  });
});

describe('what a run writes', () => {
  test('is found by itself when its notice had no room', async () => {
    await using bed = await RealBed.make();
    const first = await bed.open(LONG);
    await first.launch(bed.shell('holds', 'sleep 600'));
    const slow = bed.shell('slow', 'sleep 0.3; exit 6');
    await first.launch(slow);
    await bed.crash();
    // Nobody reads now: fill what the FIFO holds.
    const fifo = join(bed.runtimeDirectory, 'notify');
    const filler = spawn(
      '/bin/sh',
      ['-c', `dd if=/dev/zero of="$0" bs=4096 oflag=nonblock`, fifo],
      {
        stdio: 'ignore',
      },
    );
    await once(filler, 'exit');
    await bed.until(() => statusOf(bed, slow) !== '');
    await using launcher = await bed.open(LONG);
    const found = await launcher.recover([slow]);
    expect(found.get('slow')).toEqual({
      kind: 'ended',
      end: { kind: 'exited', status: { code: 6 } },
    });
  });

  test('has its room from the start: a full disk refuses launches and loses no status', async () => {
    await using bed = await RealBed.make();
    const mount = join(bed.directory, 'runtime');
    mkdirSync(mount);
    if (!(await mounted(mount))) return; // Only root may mount.
    try {
      await using launcher = await bed.open(LONG);
      const ends = new Ends(launcher);
      const go = join(bed.directory, 'go');
      const wait = `while [ ! -e '${go}' ]; do sleep 0.02; done; exit 9`;
      await launcher.launch(bed.shell('before', wait));
      const full = spawn('dd', ['if=/dev/zero', `of=${mount}/filler`, 'bs=4096'], {
        stdio: 'ignore',
      });
      await once(full, 'exit');
      await expect(
        Promise.resolve(launcher.launch(bed.shell('during', 'true'))),
      ).rejects.toBeInstanceOf(LaunchError);
      writeFileSync(go, '');
      await bed.until(() => ends.all.length > 0);
      expect(ends.of('before')).toEqual([{ kind: 'exited', status: { code: 9 } }]);
      expect(statusOf(bed, bed.shell('before', ''))).toBe('exit 9');
    } finally {
      await once(spawn('umount', ['-l', mount], { stdio: 'ignore' }), 'exit');
    }
  });
});

test('two agents cannot use one runtime directory', async () => {
  await using bed = await RealBed.make();
  await using launcher = await bed.open(LONG);
  await expect(bed.open(LONG)).rejects.toBeInstanceOf(DirectoryLockedError);
  await launcher.launch(bed.shell('c1', 'true'));
});

test('a process that hides in a session of its own is found by its sandbox', async () => {
  await using bed = await RealBed.make();
  await using launcher = await bed.open(LONG);
  const ends = new Ends(launcher);
  const run = bed.shell('c1', `setsid sh -c 'setsid sleep 600 & echo $! > pid' ; sleep 600`);
  await launcher.launch(run);
  const file = join(run.sandbox, 'pid');
  await bed.until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  const daemon = Number(readFileSync(file, 'utf8'));
  expect(bed.subprocesses.inspect(daemon)?.session).not.toBe(undefined);
  launcher.destroy('c1');
  await bed.until(() => ends.all.length > 0);
  await bed.until(() => {
    const process = bed.subprocesses.inspect(daemon);
    return process === undefined || process.state === 'Z';
  });
});

function statusOf(bed: RealBed, { containerId }: RunSpecification): string {
  const path = join(bed.runtimeDirectory, 'containers', containerId, 'status');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

/** A small file system of its own. */
async function mounted(path: string): Promise<boolean> {
  const options = ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path];
  const [code] = (await once(spawn('mount', options, { stdio: 'ignore' }), 'exit')) as [number];
  return code === 0;
}
