import { describe, expect, test } from '@jest/globals';
import type { Logger, LogLevel } from '../../libprocess/logger.ts';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly component: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that writes every level, and what it has written. */
export interface LoggerSubject {
  readonly logger: Logger;
  lines(): readonly LoggedLine[];
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The contract of `Logger`. */
export function describeLogger(name: string, open: () => LoggerSubject): void {
  describe(`${name} is a Logger`, () => {
    test('a call is a line, with its level, its message and its fields', () => {
      const { logger, lines } = open();
      for (const level of LEVELS) logger[level](`at ${level}`, { task_id: 't1', count: 2 });
      logger.info('without fields');
      const fields = { task_id: 't1', count: 2 };
      expect(lines()).toEqual([
        ...LEVELS.map((level) => ({ level, component: '', message: `at ${level}`, fields })),
        { level: 'info', component: '', message: 'without fields', fields: {} },
      ]);
    });

    test('a child says which component speaks, its parent goes on as before', () => {
      const { logger, lines } = open();
      const master = logger.child('master');
      master.child('master.registrar').info('one');
      master.info('two');
      logger.info('three');
      expect(lines().map(({ component }) => component)).toEqual(['master.registrar', 'master', '']);
    });

    test('has one verbosity for all components, 0 at first', () => {
      const { logger } = open();
      const child = logger.child('master');
      expect(child.verbosity).toBe(0);
      child.verbosity = 2;
      expect(logger.verbosity).toBe(2);
      expect(logger.child('agent').verbosity).toBe(2);
    });

    test('a message of several lines stays one line of the log', () => {
      const { logger, lines } = open();
      logger.warn('first\nsecond', { reason: 'a\nb' });
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).toMatchObject({ message: 'first\nsecond', fields: { reason: 'a\nb' } });
    });
  });
}
