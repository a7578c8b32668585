import { expect, test } from '@jest/globals';
import { mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSubprocesses } from '../../../tests/conformance/subprocess.ts';
import { NodeClock } from '../node-clock.ts';
import { NodeDisk } from '../node-disk.ts';
import { NodeSubprocesses } from './node-subprocesses.ts';
import { parseProcStat } from './proc-stat.ts';

const shell = (script: string): readonly [string, ...string[]] => ['/bin/sh', '-c', script];

describeSubprocesses('NodeSubprocesses', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'mesos-subprocess-')));
  return {
    it: new NodeSubprocesses(),
    clock: new NodeClock(),
    disk: new NodeDisk(),
    root,
    pid: process.pid,
    environment: { PATH: '/usr/bin:/bin' },
    programs: {
      exit: (code) => shell(`exit ${code}`),
      print: shell('printf out; printf err >&2'),
      cat: ['cat'],
      environment: shell('/usr/bin/env -i PATH="$PATH" MESOS_TASK="$MESOS_TASK" env | sort'),
      workingDirectory: ['/bin/pwd'],
      sleep: ['sleep', '600'],
      stubborn: shell('trap "" TERM; echo ready; exec sleep 600'),
      parent: shell('sleep 600 & echo $!; wait'),
      flood: (bytes) => ['head', '-c', String(bytes), '/dev/zero'],
      descriptors: shell(
        'n=; for d in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$d ] && n="$n $d"; done; echo $n',
      ),
    },
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
});

test('a descriptor of ours can be that of the child, and stays open here [a5d9703]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mesos-subprocess-'));
  await using file = await open(join(directory, 'both'), 'w+');
  const target = { descriptor: file.fd };
  const child = await new NodeSubprocesses().spawn({
    argv: shell('printf out; printf err >&2'),
    environment: {},
    stdio: ['ignore', target, target],
  });
  expect(await child.exited).toEqual({ code: 0 });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  expect(buffer.subarray(0, bytesRead).toString()).toBe('outerr');
  await rm(directory, { recursive: true });
});

test('a program whose name holds spaces and parentheses is read past them', () => {
  const line = '42 (a) S (b) R 7 40 41 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 8890 1 2 3\n';
  expect(parseProcStat(line)).toEqual({
    pid: 42,
    parent: 7,
    group: 40,
    session: 41,
    startTime: 8_890,
    state: 'R',
  });
});

test('what is no line of /proc/PID/stat is nobody', () => {
  for (const line of ['', '42', '42 (cut', '42 (cut) R 7 40']) {
    expect(parseProcStat(line)).toBeUndefined();
  }
});
