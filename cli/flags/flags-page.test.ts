import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { flagsPage } from './flags-page.ts';

const PAGE = new URL('../../docs/flags.md', import.meta.url);

test('the page of flags says what the tables say (MESOS_WRITE_PAGES=1 writes it)', () => {
  if (process.env['MESOS_WRITE_PAGES'] !== undefined) writeFileSync(PAGE, flagsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(flagsPage());
});
