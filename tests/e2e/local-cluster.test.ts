import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  eventually,
  LocalMesos,
  mesos,
  processesWith,
  RunningCommand,
} from '../support/mesos-command.ts';

let naps = 0;
/** A time that no other test sleeps for, nor a former run of this one. */
const unique = (): number => process.pid * 1_000 + (naps += 1);

/** Starts a task that is easy to find among the processes of this machine. */
async function startNap(cluster: LocalMesos, seconds: number): Promise<RunningCommand> {
  const nap = `sleep ${seconds}`;
  const flags = ['--name=nap', `--command=${nap}`, '--checkpoint', '--resources=cpus:0.1;mem:32'];
  const command = cluster.start('execute', ...flags);
  await command.captured(/TASK_RUNNING/);
  expect(processesWith(nap).size).toBeGreaterThan(0);
  return command;
}

describe('mesos local', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind after %s', async (signal) => {
    const seconds = unique();
    const cluster = await LocalMesos.start('--agents=2');
    const nap = await startNap(cluster, seconds);
    cluster.command.signal(signal);
    expect((await cluster.command.ended).code).toBe(0);
    expect(processesWith(cluster.directory)).toEqual(new Map());
    expect(processesWith(`sleep ${seconds}`)).toEqual(new Map());
    expect(existsSync(cluster.directory)).toBe(false);
    nap.signal('SIGKILL');
    await nap.ended;
  });

  test('leaves nothing behind when it is killed', async () => {
    const cluster = await LocalMesos.start('--agents=2');
    const seconds = unique();
    const nap = await startNap(cluster, seconds);
    cluster.command.signal('SIGKILL');
    await cluster.command.ended;
    await eventually('its daemons and tasks have ended', () => {
      const left = [...processesWith(cluster.directory), ...processesWith(`sleep ${seconds}`)];
      // The command that asked for the task waits for another master.
      return left.every(([pid]) => pid === nap.pid) && !existsSync(cluster.directory)
        ? true
        : undefined;
    });
    nap.signal('SIGKILL');
    await nap.ended;
  });

  test('takes no port that another has, and says so', async () => {
    await using cluster = await LocalMesos.start('--agents=0');
    const port = cluster.master.slice(cluster.master.lastIndexOf(':') + 1);
    const { code, stderr } = await mesos('local', `--port=${port}`);
    expect(stderr).toContain('Failed to start master: Failed to listen');
    expect(stderr).toContain('another --port (0 picks a free one)');
    expect(code).toBe(73);
  });
});

describe('npm start', () => {
  test('with --exit runs the sample job, and its last line and exit code tell', async () => {
    const { stdout, code } = await new RunningCommand('cli/start.js', ['--port=0', '--exit']).ended;
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^(\d+) of \1 tasks finished$/);
    expect(stdout).toContain('the same as one process counts');
    expect(code).toBe(0);
  });

  test('without it stays up, shows where, and ends by Ctrl-C', async () => {
    const start = new RunningCommand('cli/start.js', ['--port=0', '--agents=1']);
    const master = await start.captured(/stays up at http:\/\/([\d.:]+)/);
    expect((await fetch(`http://${master}/health`)).status).toBe(200);
    start.signal('SIGINT');
    expect((await start.ended).code).toBe(0);
  });

  test('refuses a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await new RunningCommand('cli/start.js', [`--port=${port}`]).ended;
    server.close();
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(code).toBe(73);
  });
});

describe('daemons', () => {
  test('two agents do not share a work directory', async () => {
    await using cluster = await LocalMesos.start('--agents=1');
    const { code, stderr } = await cluster.run(
      'agent',
      '--port=0',
      `--work_dir=${cluster.directory}/agent-1/work`,
      `--runtime_dir=${cluster.directory}/other`,
    );
    expect(stderr).toMatch(/Failed to lock '.*agent-1\/work': process \d+ holds it/);
    expect(code).toBe(73);
  });

  test('a master stops cleanly, and warns when strangers can reach it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mesos-master-'));
    const flags = ['master', '--ip=0.0.0.0', '--port=0', `--work_dir=${directory}`];
    const master = new RunningCommand('bin/mesos.js', flags);
    await master.captured(/mesos-master is listening as (master@\S+)/);
    master.signal('SIGTERM');
    const { code, stderr } = await master.ended;
    expect(stderr).toContain('Listening without authentication');
    expect(code).toBe(0);
    rmSync(directory, { recursive: true });
  });

  test('a command without a master says where it looked', async () => {
    const { code, stderr } = await mesos('task', 'list', '--master=127.0.0.1:1');
    expect(stderr).toContain('No master answers at 127.0.0.1:1: nothing listens there');
    expect(code).toBe(4);
  });
});
