import { expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { errorsHaveCodes } from './errors.ts';

test('a bare error is an offence in the product and nowhere else', () => {
  const text = `throw new Error('Failed');`;
  expect(errorsHaveCodes(parseTree({ 'agent/a.ts': text }))).toEqual([
    `agent/a.ts:1: bare 'Error'`,
  ]);
  expect(errorsHaveCodes(parseTree({ 'cli/a.ts': text, 'agent/a.test.ts': text }))).toEqual([]);
});

test('a class with a code is none', () => {
  const text = `throw new DiskError('ENOSPC', 'Failed to write');`;
  expect(errorsHaveCodes(parseTree({ 'agent/a.ts': text }))).toEqual([]);
});
