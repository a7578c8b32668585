import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where stamps, locks and the caches of tools live; safe to delete at any time. */
export const CACHE = join(ROOT, '.cache');

/** Folders whose TypeScript is compiled into `dist/`. */
export const SOURCE_FOLDERS = [
  'libprocess',
  'proto',
  'common',
  'master',
  'agent',
  'executor',
  'scheduler-driver',
  'cli',
  'examples',
  'bench',
  'testing',
  'simulation',
];
