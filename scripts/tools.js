import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BUILT, SOURCES } from './bootstrap.js';
import { ROOT } from './paths.js';

// ES modules in jest need a flag, whose warning nobody can act on. Flags and not NODE_OPTIONS: what
// a test spawns should run as it would for a user.
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
// The last flag ends the list of projects: a path after it is a path.
const jest = (...projects) => [...JEST, '--selectProjects', ...projects, '--passWithNoTests=false'];

/** Jest projects that may share the machine; `e2e` starts real processes and runs one by one. */
const PARALLEL = ['unit', 'worlds', 'architecture', 'scenario', 'sim'];

/** What `npm run <name>` runs, and what must be ready before. */
export const TOOLS = {
  lint: {
    needs: SOURCES,
    args: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0', ...eslintCache()],
  },
  typecheck: { needs: SOURCES, args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  format: { needs: SOURCES, args: prettier('--write') },
  'format:check': { needs: SOURCES, args: prettier('--check') },
  docs: { needs: SOURCES, args: ['node_modules/typedoc/bin/typedoc'] },
  build: { needs: BUILT, args: [] },
  generate: { needs: SOURCES, args: [] },
  bench: { needs: BUILT, args: ['dist/bench/main.js'] },
  sim: { needs: BUILT, args: ['dist/simulation/main.js'] },
  'sim:actors': { needs: BUILT, args: ['dist/simulation/actors/main.js'] },
  'sim:crashes': { needs: BUILT, args: ['dist/simulation/crash-matrix/main.js'] },
  'sim:bugs': { needs: BUILT, args: ['dist/simulation/planted-bugs/main.js'] },
  coverage: {
    needs: BUILT,
    args: [...jest(...PARALLEL), '--coverage', '--coverageProvider=babel'],
  },
  'test:unit': { needs: SOURCES, args: jest('unit') },
  'test:worlds': { needs: SOURCES, args: jest('worlds') },
  'test:architecture': { needs: SOURCES, args: jest('architecture') },
  'test:scenario': { needs: SOURCES, args: jest('scenario') },
  'test:sim': { needs: SOURCES, args: jest('sim') },
  'test:e2e': { needs: BUILT, args: [...jest('e2e'), '--runInBand'] },
  'test:parallel': { needs: BUILT, args: jest(...PARALLEL) },
};

function eslintCache() {
  return ['--cache', '--cache-location=.cache/eslint/', '--cache-strategy=content'];
}

function prettier(mode) {
  const cache = ['--cache', '--cache-location=.cache/prettier', '--cache-strategy=content'];
  return ['node_modules/prettier/bin/prettier.cjs', '.', mode, '--log-level=warn', ...cache];
}

/** Runs a tool to its end, or for `timeout` milliseconds, with this terminal; its exit code. */
export function runTool(name, extraArgs = [], timeout = undefined) {
  const args = [...TOOLS[name].args, ...extraArgs];
  if (args.length === 0 || TOOLS[name].args.length === 0) return 0;
  const options = { cwd: ROOT, stdio: 'inherit', timeout, killSignal: 'SIGKILL' };
  const { status, error } = spawnSync(process.execPath, args, options);
  if (error?.code === 'ETIMEDOUT') {
    process.stderr.write(`${name} took more than ${timeout / 60_000} minutes\n`);
  } else if (error) {
    throw error;
  }
  return status ?? 1;
}

export const resultFile = (name) => join(ROOT, '.cache', `${name.replace(':', '-')}.json`);
