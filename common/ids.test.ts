import { describe, expect, test } from '@jest/globals';
import { formatAgentId, formatFrameworkId, formatOfferId, parseTaskId } from './ids.ts';
import { roleProblem } from './validation.ts';

describe('an id', () => {
  test('of a framework, agent or offer begins with the master that gave it', () => {
    expect(formatFrameworkId('m', 7)).toBe('m-0007');
    expect(formatFrameworkId('m', 12_345)).toBe('m-12345');
    expect(formatAgentId('m', 0)).toBe('m-S0');
    expect(formatOfferId('m', 42)).toBe('m-O42');
  });

  test.each(['task-1', 'a b', 'ä', '...', 'x'.repeat(255)])("may be '%s'", (id) => {
    expect(parseTaskId(id)).toEqual({ ok: true, value: id });
  });

  test.each([
    ['', 'ID must not be empty'],
    ['.', "'.' is disallowed"],
    ['..', "'..' is disallowed"],
    ['bad/id', "'bad/id' contains invalid characters"],
    ['bad\\id', "'bad\\id' contains invalid characters"],
    ['a\nb', "'a\nb' contains invalid characters"],
    ['x'.repeat(256), 'ID must not be greater than 255 characters'],
  ])("may not be '%s'", (id, error) => {
    expect(parseTaskId(id)).toEqual({ ok: false, error });
  });
});

describe('a role', () => {
  test.each(['*', 'web', 'eng/backend/db', 'a.b', '...', 'a-b'])("may be '%s'", (role) => {
    expect(roleProblem(role)).toBeUndefined();
  });

  test.each(['', '/a', 'a/', 'a//b', '.', 'a/..', 'a/*', '-a', 'a/-b', 'a b', 'a\tb'])(
    "may not be '%s'",
    (role) => {
      expect(roleProblem(role)).toBeDefined();
    },
  );
});
