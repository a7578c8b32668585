import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('support/no-descriptors.js', import.meta.url));
/** Enough for Node.js to read all modules of a level of imports at once, and for a port. */
const DESCRIPTORS = 400;
/** Nobody needs to listen there: no connection can be tried. */
const REMOTE = 'master@127.0.0.1:5050';

test('a link for which there is no file descriptor is told as exited, at once [9d2dbe9]', async () => {
  const command = `ulimit -n ${DESCRIPTORS} && exec "$0" "$1" ${REMOTE}`;
  const run = promisify(execFile)('/bin/sh', ['-c', command, process.execPath, PROGRAM]);
  expect((await run).stdout).toMatch(/^EMFILE after \d+\nexited master@127\.0\.0\.1:5050\n$/);
});
