import './node-version.js';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUILT, bootstrap } from './bootstrap.js';
import { runMain } from './errors.js';
import { ROOT } from './paths.js';

// Runs in this process: one fewer between the terminal's Ctrl-C and the cluster.
await runMain(async () => {
  await bootstrap(BUILT);
  const program = join(ROOT, 'dist/cli/start.js');
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
});
