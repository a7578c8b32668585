import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { readHttpLimits } from '../../libprocess/options/http-limits.ts';
import { readNodeOptions } from '../../libprocess/options/node-options.ts';
import type { Environment } from '../../libprocess/options/option-reader.ts';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import { readText, textFiles } from '../../tests/architecture/read-source-tree.ts';
import { flagsPage } from './flags-page.ts';

const PAGE = new URL('../../docs/flags.md', import.meta.url);

test('the page of flags says what the tables say (MESOS_WRITE_PAGES=1 writes it)', () => {
  if (process.env['MESOS_WRITE_PAGES'] !== undefined) writeFileSync(PAGE, flagsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(flagsPage());
});

/** The variables that `read` asks for. */
function askedBy(read: (environment: Environment) => unknown, given: Environment): string[] {
  const asked: string[] = [];
  const has = (name: string | symbol): string | undefined => {
    if (typeof name !== 'string') return undefined;
    asked.push(name);
    return given[name];
  };
  read(new Proxy(given, { get: (_, name) => has(name) }));
  return asked;
}

/** The variables that the sources name in quotes. */
function named(): string[] {
  const sources = textFiles().filter((path) => /^(libprocess|cli)\/.*(?<!\.test)\.ts$/.test(path));
  return sources.flatMap((path) =>
    [...readText(path).matchAll(/'(LIBPROCESS_[A-Z0-9_]*[A-Z0-9])'/g)].map(([, name = '']) => name),
  );
}

test('every variable that a node reads is on the page of flags', () => {
  const ssl = {
    LIBPROCESS_SSL_ENABLED: 'true',
    LIBPROCESS_SSL_KEY_FILE: 'k',
    LIBPROCESS_SSL_CERT_FILE: 'c',
  };
  const read = new Set([
    ...askedBy(readNodeOptions, {}),
    ...askedBy(readHttpLimits, {}),
    ...askedBy(readSslOptions, ssl).filter((name) => name.startsWith('LIBPROCESS_')),
    ...named(),
  ]);
  expect(read.size).toBeGreaterThan(25);
  const page = flagsPage();
  const isThere = (name: string): boolean =>
    page.includes(`\`${name}\``) || page.includes(`\`${name.replace('LIBPROCESS_SSL_', '')}\``);
  expect([...read].filter((name) => !isThere(name))).toEqual([]);
});
