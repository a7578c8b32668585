import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { RunningCommand, processesWith } from '../support/mesos-command.ts';

/** Inherited by whatever a program starts with its environment: local daemons, for one. */
const ENVIRONMENT = { NODE_OPTIONS: '--disallow-code-generation-from-strings' };

let cluster: RunningCommand;
let master = '';
let directory = '';

beforeAll(async () => {
  cluster = new RunningCommand('bin/mesos.js', ['local', '--port=0', '--agents=1'], ENVIRONMENT);
  master = await cluster.captured(/is up: http:\/\/([\d.:]+)/);
  directory = await cluster.captured(/are below (\S+?),? /);
});

afterAll(async () => {
  cluster.signal('SIGTERM');
  await cluster.ended;
});

describe('where no code may be made of texts', () => {
  test('the flag does what it says, and the daemons have it', () => {
    const env = { PATH: process.env['PATH'] ?? '', ...ENVIRONMENT };
    const { stderr } = spawnSync(process.execPath, ['-e', 'new Function("")'], { env });
    expect(stderr.toString()).toContain('Code generation from strings disallowed');
    const daemons = [...processesWith(directory).keys()].filter((pid) =>
      readFileSync(`/proc/${pid}/environ`, 'utf8').includes(ENVIRONMENT.NODE_OPTIONS),
    );
    expect(daemons.length).toBeGreaterThanOrEqual(2);
  });

  test('a master, an agent and a framework run a task', async () => {
    const args = ['execute', '--name=strict', '--command=echo done'];
    const env = { ...ENVIRONMENT, MESOS_MASTER: master };
    const { code, stderr } = await new RunningCommand('bin/mesos.js', args, env).ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('every endpoint that makes JSON does', async () => {
    for (const path of [
      'state',
      'metrics/snapshot',
      'help',
      '__processes__',
      'system/stats.json',
    ]) {
      const answer = await fetch(`http://${master}/${path}`);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
  });

  test('actors of two programs call one another', async () => {
    const counter = ['run', 'dist/examples/counter.js', '--name=counter', '--port=0'];
    const running = new RunningCommand('cli/libprocess.js', counter, ENVIRONMENT);
    const pid = await running.captured(/counter@[\d.]+:\d+/);
    const call = ['call', pid, 'increment', '41'];
    const called = await new RunningCommand('cli/libprocess.js', call, ENVIRONMENT).ended;
    expect(called).toMatchObject({ code: 0, stdout: '41\n', stderr: '' });
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(0);
  });
});
