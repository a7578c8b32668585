import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { eventually, LocalMesos } from '../support/mesos-command.ts';

interface Recording {
  readonly note: string;
  readonly argv: readonly string[];
  readonly stdout: string;
}

const RECORDINGS = JSON.parse(
  readFileSync(new URL('../golden/execute/command-lines.json', import.meta.url), 'utf8'),
) as readonly Recording[];

let cluster: LocalMesos;
beforeAll(async () => {
  cluster = await LocalMesos.start('--agents=1', '--resources=cpus:2;mem:512');
});
afterAll(() => cluster[Symbol.asyncDispose]());

const ANY_ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(S?)\d+/g;
const withoutIds = (text: string): string => text.replace(ANY_ID, 'ID');

describe('mesos execute prints what mesos-execute of C++ Mesos does', () => {
  test.each(RECORDINGS)('$note', async ({ argv, stdout: recorded }) => {
    const flags = argv.slice(1).filter((flag) => !flag.startsWith('--master='));
    const brisk = flags.map((flag) => flag.replace('=2secs', '=200ms'));
    const { stdout, stderr, code } = await cluster.run('execute', ...brisk);
    expect(stderr).toBe('');
    expect(withoutIds(stdout)).toBe(withoutIds(recorded));
    // Unlike C++, which exits with 0 whatever became of the task.
    expect(code).toBe(recorded.includes('TASK_FINISHED') ? 0 : 1);
  });

  test('with several instances it ends well only if all do', async () => {
    const command = 'case $0$PWD in *many-1/*) exit 1;; esac';
    const { stdout, code } = await cluster.run(
      'execute',
      '--name=many',
      '--instances=3',
      `--command=${command}`,
      '--resources=cpus:0.5;mem:32',
    );
    expect(stdout.match(/update TASK_FINISHED/g)).toHaveLength(2);
    expect(stdout).toContain("update TASK_FAILED for task 'many-1'");
    expect(code).toBe(1);
  });

  test('it says what it waits for when no offer is large enough, and Ctrl-C ends it', async () => {
    const command = cluster.start('execute', '--name=big', '--command=true', '--resources=cpus:99');
    await command.captured(/Subscribed with ID/);
    command.signal('SIGINT');
    const { code, stderr } = await command.ended;
    expect(stderr).toContain('Stopping: what still runs is killed');
    expect(code).toBe(1);
  });
});

describe('what runs is listed, for people and for programs', () => {
  const list = async <T>(...words: string[]): Promise<readonly T[]> => {
    const { stdout, code } = await cluster.run(...words, '--json');
    expect(code).toBe(0);
    return JSON.parse(stdout) as readonly T[];
  };

  test('a task is listed while it runs, killed by its id, and listed as killed', async () => {
    const command = cluster.start('execute', '--name=nap', '--command=sleep 1000');
    await command.captured(/TASK_RUNNING/);
    const running = await list<{ id: string; state: string }>('task', 'list');
    expect(running).toEqual([expect.objectContaining({ id: 'nap', state: 'TASK_RUNNING' })]);
    const table = await cluster.run('task', 'list');
    expect(table.stdout).toMatch(/^ID +NAME +STATE .*\nnap +nap +TASK_RUNNING +1 +128M /);
    const kill = await cluster.run('task', 'kill', 'nap');
    expect(kill.code).toBe(0);
    expect((await command.ended).stdout).toContain("TASK_KILLED for task 'nap'");
    expect(await list('task', 'list')).toEqual([]);
    const ended = await list<{ id: string; state: string }>('task', 'list', '--all');
    expect(ended.find(({ id }) => id === 'nap')?.state).toBe('TASK_KILLED');
  });

  test('a framework is torn down with its tasks', async () => {
    const command = cluster.start('execute', '--name=gone', '--command=sleep 1000');
    const id = await command.captured(/Subscribed with ID (\S+)/);
    await command.captured(/TASK_RUNNING/);
    expect(await list('framework', 'list')).toEqual([expect.objectContaining({ id })]);
    const { code } = await cluster.run('framework', 'teardown', id);
    expect(code).toBe(0);
    expect(await list('framework', 'list')).toEqual([]);
    const { code: ended, stderr } = await command.ended;
    expect(stderr).toContain('The master refuses: Framework has been removed');
    expect(ended).toBe(1);
    await eventually('its task has ended', async () =>
      (await list('task', 'list')).length === 0 ? true : undefined,
    );
  });

  test('agents are listed with what they have', async () => {
    const [agent] = await list<{ hostname: string; resources: { cpus: number } }>('agent', 'list');
    expect(agent).toMatchObject({ hostname: 'localhost', resources: { cpus: 2, mem: 512 } });
    const { stdout } = await cluster.run('agent', 'list');
    expect(stdout).toMatch(/ localhost +127\.0\.0\.1:\d+ +yes +0\/2 +0M\/512M\n$/);
  });

  test('what is not there is an error with a code of its own', async () => {
    const task = await cluster.run('task', 'kill', 'nonesuch');
    expect(task).toMatchObject({ code: 3, stdout: '' });
    expect(task.stderr).toContain("No running task has the id 'nonesuch'");
    const framework = await cluster.run('framework', 'teardown', 'nonesuch');
    expect(framework.code).toBe(3);
  });

  test('flags in force are served, as text', async () => {
    const response = await fetch(`http://${cluster.master}/flags`);
    const { flags } = (await response.json()) as { flags: Record<string, string> };
    expect(flags).toMatchObject({ agent_ping_timeout: '15secs', port: '0' });
  });
});
