import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from './command-tree.ts';
import type { Host, Output } from './host.ts';
import { main } from './main.ts';

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written): Output => ({
    write: (text) => void (written[name] += text),
    isTerminal: false,
    columns: 100,
  });
  const never = new AbortController().signal;
  const host: Host = {
    argv,
    env: {},
    stdout: output('stdout'),
    stderr: output('stderr'),
    stop: never,
    unregister: never,
    supervisor: undefined,
  };
  return { code: await main(host), ...written };
}

describe('mesos', () => {
  test('without a command shows the commands', async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    for (const { path } of COMMANDS) expect(stdout).toContain(`  ${path} `);
  });

  test.each(COMMANDS.map(({ path }) => path))('%s explains each of its flags', async (path) => {
    const { code, stdout } = await run(...path.split(' '), '--help');
    const entry = COMMANDS.find((one) => one.path === path);
    const { flags } = (await entry?.load()) ?? { flags: {} };
    expect(code).toBe(0);
    for (const name of Object.keys(flags))
      expect(stdout).toMatch(new RegExp(`--(\\[no-\\])?${name}`));
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(130);
  });

  test('every list can be had as JSON', async () => {
    for (const { path, load } of COMMANDS.filter((entry) => entry.path.endsWith(' list'))) {
      expect([path, Object.keys((await load()).flags)]).toEqual([
        path,
        expect.arrayContaining(['json']),
      ]);
    }
  });

  test('--version prints the version of Mesos that it follows', async () => {
    expect(await run('--version')).toEqual({ code: 0, stdout: 'mesos 1.12.0\n', stderr: '' });
    expect((await run('master', '--version')).stdout).toBe('mesos 1.12.0\n');
  });

  test.each([
    [['agnet'], "Unknown command 'mesos agnet': did you mean 'mesos agent'?"],
    [['task', 'lst'], "Unknown command 'mesos task lst': did you mean 'mesos task list'?"],
    [['framework'], "'mesos framework' needs one more word, such as 'mesos framework list'"],
    [['agent', '--wrok_dir=/a'], "Unknown flag '--wrok_dir': did you mean '--work_dir'?"],
    [['agent', 'start', '--master=a', '--work_dir=/a'], "Unexpected argument 'start'"],
    [['task', 'kill'], 'The TASK_ID is missing'],
    [['master'], "Flag 'work_dir' is required, unless --registry=in_memory"],
    [['agent', '--master=zk://a/m', '--work_dir=/a'], "give HOST:PORT, not 'zk://a/m'"],
    [['master', '--firewall_rules={"disabled":{}}'], "There is no rule 'disabled'"],
    [['agent', '--firewall_rules={', '--master=a', '--work_dir=/a'], 'Expecting a JSON object'],
    [['execute', '--name=a', '--command=b', '--env={'], 'Expecting a JSON object'],
  ])('%j is a usage error', async (argv, message) => {
    const { code, stdout, stderr } = await run(...argv);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nSee `mesos .*--help`\.\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});
