import assert from 'node:assert/strict';
import { describe, expect, test } from '@jest/globals';
import { describeLogger, type LoggedLine } from '../../tests/conformance/logger.ts';
import { RuntimeError } from '../errors.ts';
import type { LogLevel } from '../logger.ts';
import { NodeLogger, parseLoggingLevel, type NodeLoggerOptions } from './node-logger.ts';

function open(options: NodeLoggerOptions = {}): { logger: NodeLogger; lines: string[] } {
  const lines: string[] = [];
  return { logger: NodeLogger.open({ ...options, write: (line) => lines.push(line) }), lines };
}

describeLogger('NodeLogger', () => {
  const { logger, lines } = open({ level: 'debug' });
  const toLine = (line: string): LoggedLine => {
    const { level, component = '', message, time, ...fields } = parsed(line);
    expect(time).toBeDefined();
    return { level, component, message, fields } as LoggedLine;
  };
  return { logger, lines: () => lines.map(toLine) };
});

const parsed = (line: string | undefined): Record<string, unknown> =>
  JSON.parse(line ?? '{}') as Record<string, unknown>;

describe('a logger of a real node', () => {
  test('writes more while it is to be verbose, children that were there before included', () => {
    const { logger, lines } = open({ level: 'warn' });
    const child = logger.child('master');
    child.debug('quiet');
    logger.verbosity = 1;
    child.debug('loud');
    logger.verbosity = 0;
    child.info('quiet');
    expect(lines.map((line) => parsed(line)['message'])).toEqual(['loud']);
  });

  test('writes one line of JSON a call, with component, time and fields', () => {
    const { logger, lines } = open();
    logger.child('master.registrar').warn('Refused an agent', { agent_id: 'A1', count: 3 });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    const { time, ...rest } = parsed(lines[0]);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      level: 'warn',
      component: 'master.registrar',
      message: 'Refused an agent',
      agent_id: 'A1',
      count: 3,
    });
  });

  test('writes nothing below its level', () => {
    const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
    for (const [index, level] of LEVELS.entries()) {
      const { logger, lines } = open({ level });
      for (const each of LEVELS) logger[each](each);
      expect(lines.map((line) => parsed(line)['message'])).toEqual(LEVELS.slice(index));
    }
  });

  test('keeps code and cause of an error, and every digit of a big integer', () => {
    const { logger, lines } = open();
    const error = new RuntimeError('ENOSPC', 'Failed to write', new Error('disk is full'));
    logger.error('Checkpoint failed', { error, nanoseconds: 1_735_689_600_000_000_001n });
    expect(parsed(lines[0])).toMatchObject({
      error: { message: 'Failed to write', code: 'ENOSPC', cause: 'disk is full' },
      nanoseconds: '1735689600000000001',
    });
  });

  test('writes for people when asked: short, aligned, still one line', () => {
    const { logger, lines } = open({ format: 'text' });
    const error = new RuntimeError('ENOSPC', 'no room');
    logger.child('agent').warn('Launched a task', { task_id: 't 1', cpus: 0.5, error });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.replace(/^\S+ /, '')).toBe(
      'WARN  agent: Launched a task task_id="t 1" cpus=0.5 error="RuntimeError: no room" error.code=ENOSPC\n',
    );
  });

  test('writes for people of what class a failure is, and where it comes from', () => {
    class Unlucky extends Error {}
    const { logger, lines } = open({ format: 'text' });
    const because = new RuntimeError('EIO', 'disk', new Error('dust'));
    logger.error('A handler threw', { error: because });
    logger.warn('A call failed', { error: new Unlucky('two\nlines \x1b[2J\x9b2J') });
    const [first = '', second = ''] = lines;
    expect(first).toContain('error="RuntimeError: disk" error.code=EIO error.cause="dust"');
    expect(second).toContain('error="Unlucky: two\\nlines \\u001b[2J\\u009b2J"\n');
    for (const line of [first, second])
      expect(line).toMatch(/^\S+ .*\n {4}at \S.*node-logger\.test/);
  });

  test('writes a line of an error that cannot be looked at', () => {
    const { logger, lines } = open({ format: 'text' });
    const error = new Error('x');
    Object.defineProperty(error, 'stack', { get: () => assert.fail('no') });
    logger.error('A handler threw', { error });
    expect(lines[0]).toContain('A handler threw error="a value that cannot be printed"');
  });
});

test("levels are named as Mesos's flag and ours name them", () => {
  expect(['INFO', 'WARNING', 'warn', 'Error', 'debug'].map(parseLoggingLevel)).toEqual([
    'info',
    'warn',
    'warn',
    'error',
    'debug',
  ]);
  expect(parseLoggingLevel('loud')).toBeUndefined();
});
