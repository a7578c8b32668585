import { describe, expect, test } from '@jest/globals';
import { formatStatus, isPlainName, parseNotice, parsePid, parseStatus } from './run-files.ts';

describe('the files of a run', () => {
  test('count only with their newline: a record cut short is none', () => {
    expect(parsePid('12 345 boot')).toBeUndefined();
    expect(parsePid('12 345 boot\n')).toEqual({ pid: 12, startTime: 345, bootId: 'boot' });
    expect(parseStatus('exit 1')).toBeUndefined();
    expect(parseStatus('exit 17\n')).toEqual({ code: 17 });
  });

  test('hold room reserved for the status, which says nothing by itself', () => {
    expect(parseStatus('                ')).toBeUndefined();
    expect(parseStatus('exit 0\n         ')).toEqual({ code: 0 });
  });

  test.each([
    [{ code: 0 }, 'exit 0\n'],
    [{ code: 137 }, 'exit 137\n'],
    [{ signal: 'SIGKILL' }, 'signal 9\n'],
  ])('tell %j from all others', (status, text) => {
    expect(formatStatus(status)).toBe(text);
    expect(parseStatus(text)).toEqual(status);
  });

  test('have a directory that a container id cannot leave', () => {
    expect(isPlainName('d2e67334-590e-4889-b5d7-eff64c75c358')).toBe(true);
    for (const id of ['', '.', '..', 'a/b', '../x', 'a\nb', 'x'.repeat(243)])
      expect(isPlainName(id)).toBe(false);
  });
});

describe('a notice', () => {
  test('tells of a start or an end', () => {
    expect(parseNotice('S c1 12 345')).toEqual({
      kind: 'started',
      containerId: 'c1',
      pid: 12,
      startTime: 345,
    });
    expect(parseNotice('E c1 signal 15')).toEqual({
      kind: 'ended',
      containerId: 'c1',
      status: { signal: 'SIGTERM' },
    });
  });

  test('that no wrapper would write is none', () => {
    for (const line of ['', 'S', 'S c1 x 1', 'E c1', 'E c1 exit', 'E c1 exit x', 'hello'])
      expect(parseNotice(line)).toBeUndefined();
  });
});
