import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NodeSubprocesses } from '../../libprocess/node/subprocess/node-subprocesses.ts';

const OWNER = fileURLToPath(new URL('./subprocess-owner.js', import.meta.url));
const subprocesses = new NodeSubprocesses();
let directory = '';
let owner: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesos-subprocess-'));
});

afterEach(() => {
  owner?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function firstLine(command: readonly string[]): Promise<string> {
  const [program = '', ...args] = command;
  owner = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  while (!text.includes('\n')) {
    const [chunk] = (await once(owner.stdout ?? owner, 'data')) as [Buffer];
    text += chunk.toString();
  }
  return text.split('\n')[0] ?? '';
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

const members = (group: number): readonly number[] =>
  subprocesses
    .list()
    .filter((info) => info.group === group && info.state !== 'Z')
    .map(({ pid }) => pid);

describe('when a parent is killed', () => {
  test('the whole group of its supervised child is, though that ignores TERM', async () => {
    const group = Number(await firstLine([process.execPath, OWNER, 'supervised', directory]));
    // The program, its two sleepers, and the supervisor.
    await until(() => members(group).length === 4);
    owner?.kill('SIGKILL');
    await until(() => members(group).length === 0);
  });

  test('a supervised child that was told to end by its group is still watched over', async () => {
    const group = Number(await firstLine([process.execPath, OWNER, 'supervised', directory]));
    await until(() => members(group).length === 4);
    subprocesses.signal(-group, 'SIGTERM');
    owner?.kill('SIGKILL');
    await until(() => members(group).length === 0);
  });

  test('a child whose hooks had not ended never runs its program', async () => {
    const pid = Number(await firstLine([process.execPath, OWNER, 'hook', directory]));
    expect(subprocesses.inspect(pid)?.state).not.toBe('Z');
    owner?.kill('SIGKILL');
    await until(() => [undefined, 'Z'].includes(subprocesses.inspect(pid)?.state));
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });
});

describe('what cannot be started for want of room', () => {
  test('is an error that says so: too many descriptors', async () => {
    const script = `ulimit -n 64; exec "$0" "$@"`;
    const command = ['/bin/sh', '-c', script, process.execPath, OWNER, 'full', directory];
    const error: unknown = JSON.parse(await firstLine(command));
    const message = "Failed to start 'sleep': too many open files";
    expect(error).toEqual({ code: 'EMFILE', message });
  });

  test('is an error that says so: too long a list of arguments', async () => {
    const long = Array.from({ length: 40 }, () => 'x'.repeat(100_000));
    const argv: readonly [string, ...string[]] = ['true', ...long];
    const environment = { PATH: '/usr/bin:/bin' };
    const message = "Failed to start 'true': argument list too long";
    for (const parentHooks of [[], [() => undefined]]) {
      const started = subprocesses.spawn({ argv, environment, parentHooks });
      await expect(Promise.resolve(started)).rejects.toMatchObject({ code: 'E2BIG', message });
    }
  });
});
