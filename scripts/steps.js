import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StepError } from './errors.js';
import { CACHE, ROOT, SOURCE_FOLDERS } from './paths.js';
import { Stamp, digest, filesBelow } from './stamp.js';

/**
 * A step makes one thing ready: `isDone` is cheap and says whether there is nothing to do, `title`
 * is what the user reads while `run` works.
 */

const INSTALL_ADVICE =
  'Failed to install dependencies: see the output of `npm ci` above. If the registry cannot be ' +
  'reached, check `npm config get registry` and the proxy settings, then run the command again.';

export const install = {
  title: 'Installing dependencies',
  isDone: () =>
    isInstalled(readJson('package-lock.json'), readJson('node_modules/.package-lock.json')),
  run() {
    const { npm_execpath: npm } = process.env;
    const flags = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const [command, ...args] = npm ? [process.execPath, npm, ...flags] : ['npm', ...flags];
    // On Windows npm is a script, which only a shell can start.
    const shell = !npm && process.platform === 'win32';
    const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell });
    if (error) throw new StepError(`Failed to start npm: ${error.message}`);
    if (status !== 0 || !this.isDone()) throw new StepError(INSTALL_ADVICE);
  },
};

/** npm writes its record of an installation last: it is there and equal only if all is there. */
function isInstalled(wanted, actual) {
  if (!actual) return false;
  return Object.entries(wanted.packages).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      optional === true ||
      (actual.packages[path]?.version === version &&
        actual.packages[path]?.integrity === integrity),
  );
}

const GENERATOR = 'proto/generator/generate.js';
const generated = new Stamp('generate');
const protoSources = () => {
  const files = filesBelow('proto').filter((file) => !file.startsWith(join('proto', 'generated')));
  return digest(files.filter((file) => /\.(proto|js|json)$/.test(file)));
};

export const generate = {
  title: 'Generating codecs',
  isDone: () =>
    !existsSync(join(ROOT, GENERATOR)) ||
    (existsSync(join(ROOT, 'proto/generated')) && generated.matches(protoSources())),
  run() {
    generated.clear();
    const sources = protoSources();
    runNode([GENERATOR], 'Failed to generate codecs from proto/');
    generated.write(sources);
  },
};

const BUILD_SETTINGS = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle.js',
];
const built = new Stamp('build');
const buildSources = () => {
  const sources = SOURCE_FOLDERS.flatMap(filesBelow).filter((file) => !file.endsWith('.test.ts'));
  return digest([...BUILD_SETTINGS, ...sources]);
};

export const build = {
  title: 'Building',
  isDone: () => existsSync(join(ROOT, 'dist')) && built.matches(buildSources()),
  run() {
    built.clear();
    const sources = buildSources();
    if (!existsSync(join(ROOT, 'dist'))) {
      rmSync(join(CACHE, 'tsconfig.build.tsbuildinfo'), { force: true });
    }
    runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], 'Failed to build');
    removeOrphans();
    runNode(['scripts/bundle.js'], 'Failed to join the modules of the commands');
    built.write(sources);
  },
};

/** tsc leaves the output of sources that are gone, which an import could still find. */
function removeOrphans() {
  rmSync(join(ROOT, 'dist/bin'), { recursive: true, force: true }); // Made anew from the rest.
  for (const file of filesBelow('dist')) {
    const source = file.slice('dist/'.length).replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (!existsSync(join(ROOT, source))) rmSync(join(ROOT, file));
  }
}

function runNode(args, failure) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new StepError(`${failure} (${signal ?? `exit code ${status}`})`);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
