import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalMesos, RunningCommand } from '../support/mesos-command.ts';

let cluster: LocalMesos;
beforeAll(async () => {
  cluster = await LocalMesos.start('--agents=2');
});
afterAll(() => cluster[Symbol.asyncDispose]());

const example = (program: string, ...args: string[]) =>
  new RunningCommand(`examples/${program}`, [cluster.master, ...args]).ended;

describe('the examples, on a real cluster', () => {
  test('test-framework runs five tasks by an executor of its own', async () => {
    const { code, stdout, stderr } = await example('test-framework/main.js');
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('5 tasks finished');
    expect(stdout.match(/is in state TASK_FINISHED/g)).toHaveLength(5);
    expect(code).toBe(0);
  });

  test('no-executor runs shell commands', async () => {
    const { code, stdout } = await example('no-executor.js');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('3 of 3 tasks finished');
    expect(code).toBe(0);
  });

  test('no-executor says when a command fails', async () => {
    const { code, stdout } = await example('no-executor.js', 'true', 'exit 4');
    expect(stdout).toContain('TASK_FAILED Command exited with status 4');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 of 2 tasks finished');
    expect(code).toBe(1);
  });

  test('long-lived loses no task over four lives of its scheduler', async () => {
    const { code, stdout } = await example('long-lived.js', '20', '5');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('20 of 20 tasks finished, under 4 schedulers');
    expect(code).toBe(0);
  });

  test('word-count counts what one process counts', async () => {
    const { code, stdout, stderr } = await example('word-count/main.js');
    expect(stderr).toBe('');
    expect(stdout).toContain('the same as one process counts');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^(\d+) of \1 tasks finished$/);
    expect(code).toBe(0);
  });

  test('word-count gives up, and says why, when a text cannot be read', async () => {
    const { code, stdout, stderr } = await example('word-count/main.js', '/no/such/file');
    expect(stderr).toContain('Task map-0 failed 3 times');
    expect(stdout).toMatch(/^0 of \d+ tasks finished\n$/);
    expect(code).toBe(1);
  });
});
