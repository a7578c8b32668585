import { build } from 'esbuild';
import { ROOT } from './paths.js';

// Joins what `mesos` needs into a few files of dist/bin/, one for each command and some that they share: to
// find, read and link five hundred modules takes Node.js longer than all else that a command does before it
// begins. `libprocess` is not joined: the programs of users that it loads import dist/ and must meet the same
// classes there.
await build({
  absWorkingDir: ROOT,
  entryPoints: ['dist/cli/mesos.js', 'dist/cli/mesos-launcher.js'],
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  // Those that load more by path when they run, and those that need not be there.
  external: ['pino', 'msgpackr', 'bufferutil', 'utf-8-validate', '@opentelemetry/api'],
  // For packages that are CommonJS.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
