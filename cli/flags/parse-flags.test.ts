import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGENT_FLAGS } from './agent-flags.ts';
import { MASTER_FLAGS } from './master-flags.ts';
import { flagTable } from './flag-table.ts';
import { SWITCH, TEXT } from './flag-type.ts';
import { parseFlags } from './parse-flags.ts';

const agent = (argv: readonly string[], env: Record<string, string> = {}) =>
  parseFlags(AGENT_FLAGS, { argv: ['--master=127.0.0.1', '--work_dir=/w', ...argv], env });
const master = (...argv: string[]) => parseFlags(MASTER_FLAGS, { argv, env: {} });

describe('flags', () => {
  test('have the defaults of Mesos', () => {
    const { values } = agent([]);
    expect(values).toMatchObject({
      port: 5051,
      ip: '127.0.0.1',
      checkpoint: true,
      recover: 'reconnect',
      strict: true,
      gc_delay: 7 * 24 * 3_600_000,
      recovery_timeout: 900_000,
      executor_shutdown_grace_period: 5_000,
    });
    expect(master().values).toMatchObject({
      agent_ping_timeout: 15_000,
      max_agent_ping_timeouts: 5,
      agent_reregister_timeout: 600_000,
      recovery_agent_removal_limit: 1,
    });
  });

  test.each([
    [['--work_dir=/a'], '/a'],
    [['--work-dir=/a'], '/a'],
    [['--work_dir', '/a'], '/a'],
    [['--work_dir=/a=b'], '/a=b'],
  ])('%j is a work directory', (argv, expected) => {
    expect(master(...argv).values.work_dir).toBe(expected);
  });

  test.each([
    [['--strict'], true],
    [['--no-strict'], false],
    [['--no_strict'], false],
    [['--strict=false'], false],
    [['--strict=1'], true],
  ])('%j is a switch', (argv, expected) => {
    expect(agent(argv).values.strict).toBe(expected);
  });

  test('a bare --recover is to reconnect', () => {
    expect(agent(['--recover', '--no-strict']).values.recover).toBe('reconnect');
    expect(agent(['--recover=cleanup']).values.recover).toBe('cleanup');
  });

  test('come from the environment, and the command line wins', () => {
    const env = { MESOS_GC_DELAY: '2days', MESOS_ATTRIBUTES: 'rack:r1' };
    const { values } = agent(['--attributes=rack:r2'], env);
    expect(values).toMatchObject({ gc_delay: 2 * 24 * 3_600_000, attributes: 'rack:r2' });
  });

  test('are read from files, and secrets are not shown', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mesos-flags-'));
    const path = join(directory, 'secret');
    writeFileSync(path, 'hush\n');
    const table = flagTable({ secret: { type: TEXT, secret: true, help: '' } });
    const { values, shown } = parseFlags(table, { argv: [`--secret=file://${path}`], env: {} });
    rmSync(directory, { recursive: true });
    expect(values.secret).toBe('hush');
    expect(shown).toEqual({ secret: '(secret)' });
  });

  test('what follows -- is no flag', () => {
    const table = flagTable({ all: { type: SWITCH, default: 'false', help: '' } });
    expect(parseFlags(table, { argv: ['a', '--', '--all'], env: {} }).positionals).toEqual([
      'a',
      '--all',
    ]);
  });
});

describe('a wrong flag is refused, and the text says what is meant', () => {
  test.each([
    ['--bogus_flag', "Unknown flag '--bogus_flag'"],
    ['--work-dri=/a', "Unknown flag '--work-dri': did you mean '--work_dir'?"],
    [
      '--no-root_submision',
      "Unknown flag '--no-root_submision': did you mean '--no-root_submissions'?",
    ],
    ['--zk=zk://a', "Flag '--zk' of Mesos 1.12 is not supported here: leave it out"],
    ['--no-port', "Flag 'port' is no switch: '--no-port' has no meaning"],
    ['--no-quiet=true', "'--no-quiet' takes no value"],
    ['--work_dir', "Flag 'work_dir' needs a value: --work_dir=PATH"],
    ['--port=abc', "Failed to read --port: Expecting a whole number from 0 to 65535, not 'abc'"],
    [
      '--port=65536',
      "Failed to read --port: Expecting a whole number from 0 to 65535, not '65536'",
    ],
    ['--quiet=maybe', 'Failed to read --quiet: Expecting a boolean (true or false)'],
    [
      '--allocation_interval=5',
      "Failed to read --allocation_interval: Invalid duration '5': it lacks a unit, as in '5secs'",
    ],
    [
      '--agent_ping_timeout=0secs',
      "Failed to read --agent_ping_timeout: Expecting 1secs to 15mins, not '0secs'",
    ],
    [
      '--agent_removal_rate_limit=fast',
      "Failed to read --agent_removal_rate_limit: Expecting a rate such as '1/20mins', not 'fast'",
    ],
    [
      '--recovery_agent_removal_limit=5',
      "Failed to read --recovery_agent_removal_limit: Expecting 0% to 100%, not '5'",
    ],
  ])('%s', (argument, message) => {
    expect(() => master(argument)).toThrow(new Error(message));
  });

  test('given twice', () => {
    expect(() => master('--work_dir=/a', '--work-dir=/b')).toThrow(
      "Flag 'work_dir' is given twice: as '/a' and as '/b'",
    );
  });

  test('missing', () => {
    expect(() => parseFlags(AGENT_FLAGS, { argv: ['--work_dir=/a'], env: {} })).toThrow(
      "Flag 'master' is required: give --master=… or set MESOS_MASTER",
    );
  });

  test('wrong in the environment, which is named', () => {
    expect(() => agent([], { MESOS_PORT: 'abc' })).toThrow('Failed to read MESOS_PORT: ');
  });

  test('in a file that is not there', () => {
    expect(() => master('--work_dir=file:///no/such')).toThrow(
      "Failed to read --work_dir from '/no/such': no such file or directory",
    );
  });
});
