import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { mutualTls, TestFiles } from '../../libprocess/node/tls/test-files.ts';
import { eventually, RunningCommand, type Outcome } from '../support/mesos-command.ts';

const files = new TestFiles();
const authority = TestAuthority.create();
const running: RunningCommand[] = [];
afterAll(async () => {
  for (const command of running) command.signal('SIGTERM');
  await Promise.all(running.map(({ ended }) => ended));
  files[Symbol.dispose]();
});

type Variables = Readonly<Record<string, string>>;

/** A node of the cluster: certified by one authority, trusting another one. */
function secure(by = authority, trusted = authority): Variables {
  return mutualTls(files.node(by, { trusted }));
}

function start(env: Variables, ...argv: readonly string[]): RunningCommand {
  const command = new RunningCommand('cli/mesos.js', argv, env);
  running.push(command);
  return command;
}

const run = (env: Variables, ...argv: readonly string[]): Promise<Outcome> =>
  new RunningCommand('cli/mesos.js', argv, env).ended;

function startAgent(name: string, master: string, env: Variables): RunningCommand {
  const directory = join(files.directory, name);
  return start(
    env,
    'agent',
    `--master=${master}`,
    '--port=0',
    `--work_dir=${directory}`,
    `--runtime_dir=${directory}-runtime`,
    '--resources=cpus:2;mem:512',
    '--registration_backoff_factor=10ms',
  );
}

describe('a cluster with mutual TLS', () => {
  const master = start(secure(), 'master', '--port=0', '--registry=in_memory');
  const address = master.captured(/master@([\d.:]+)/);

  test('registers agents, runs tasks and answers every command', async () => {
    const at = await address;
    const paths = secure();
    startAgent('good', at, paths);
    const operator = { ...secure(), MESOS_MASTER: at };
    await eventually('the agent has registered', async () => {
      const { stdout } = await run(operator, 'agent', 'list', '--json');
      return (JSON.parse(stdout) as unknown[]).length === 1 ? true : undefined;
    });
    const executed = await run(operator, 'execute', '--name=hello', '--command=echo hello');
    expect(executed).toMatchObject({ code: 0 });
    expect((await run(operator, 'task', 'list', '--all', '--json')).stdout).toContain('"hello"');
  });

  test('refuses whoever has no certificate of its authority, and each side says why', async () => {
    const at = await address;
    const plain = await run({ MESOS_MASTER: at }, 'task', 'list');
    expect(plain).toMatchObject({ code: 4 });
    expect(plain.stderr).toContain(`No master answers at ${at}`);

    const strangers = TestAuthority.create('Strangers');
    const stranger = startAgent('stranger', at, secure(strangers, strangers));
    const unknown = await stranger.captured(/Failed to secure a connection.*/, 'stderr');
    expect(unknown).toContain('is of no authority in LIBPROCESS_SSL_CA_FILE');

    const half = startAgent('half', at, secure(strangers, authority));
    const cut = await half.captured(/Failed to secure a connection.*/, 'stderr');
    expect(cut).toContain('it may not accept our certificate');
    const told = await master.captured(/Refused a connection.*no authority.*/, 'stderr');
    expect(told).toContain('127.0.0.1');

    const executed = await run(
      { ...secure(strangers, strangers), MESOS_MASTER: at },
      ...['execute', '--name=hello', '--command=true'],
    );
    expect(executed).toMatchObject({ code: 4 });
    expect(executed.stderr).toContain('is of no authority in LIBPROCESS_SSL_CA_FILE');
  });

  test('replaces certificates while it runs', async () => {
    const at = await address;
    const strangers = TestAuthority.create('Next');
    const both = authority.certificatePem + strangers.certificatePem;
    const env = secure();
    const { LIBPROCESS_SSL_CA_FILE: trusted = '' } = env;
    const other = start(env, 'master', '--port=0', '--registry=in_memory');
    const otherAt = await other.captured(/master@([\d.:]+)/);
    const operator = { ...secure(strangers, authority), MESOS_MASTER: otherAt };
    expect(await run(operator, 'task', 'list')).toMatchObject({ code: 4 });
    writeFileSync(trusted, both);
    await eventually('the new authority is trusted', async () => {
      const { code } = await run(operator, 'task', 'list');
      return code === 0 ? true : undefined;
    });
    expect(await run({ ...operator, MESOS_MASTER: at }, 'task', 'list')).toMatchObject({ code: 4 });
  });

  test.each([
    [
      'a missing key',
      { LIBPROCESS_SSL_KEY_FILE: '' },
      'TLS needs a private key: set LIBPROCESS_SSL_KEY_FILE',
    ],
    [
      'a file that is not there',
      { LIBPROCESS_SSL_CERT_FILE: '/none.pem' },
      "Failed to read the certificate '/none.pem': no such file",
    ],
    [
      'a misspelt variable',
      { LIBPROCESS_SSL_VERIFY: '1' },
      'LIBPROCESS_SSL_VERIFY is not an option',
    ],
    ['a wrong address', { LIBPROCESS_IP: 'here' }, 'Failed to read LIBPROCESS_IP: Expecting an IP'],
  ])('ends at once, with a word of why, for %s', async (_what, wrong, message) => {
    const outcome = await run(
      { ...secure(), ...wrong },
      'master',
      '--port=0',
      '--registry=in_memory',
    );
    expect(outcome.code).toBeGreaterThan(0);
    expect(outcome.stderr).toContain(message);
  });
});
