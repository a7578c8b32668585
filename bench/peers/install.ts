import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What we are compared with; no dependencies of the package. */
export const PEER_VERSIONS = {
  nact: '7.6.2',
  comedy: '2.1.7',
  xstate: '5.33.3',
  moleculer: '0.14.36',
  effect: '4.1.0',
  '@effect/platform-node-shared': '4.1.0',
  '@grpc/grpc-js': '1.14.7',
} as const;

const FOLDER = join(import.meta.dirname, '../../../.cache/bench-peers');
const MANIFEST = join(FOLDER, 'package.json');

/** Installs the peers into a folder of their own unless they are there. False if that failed. */
export function installPeers(): boolean {
  if (isInstalled()) return true;
  console.error('Installing the libraries to compare with ...');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(MANIFEST, JSON.stringify({ private: true, dependencies: PEER_VERSIONS }));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  spawnSync('npm', args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  if (isInstalled()) return true;
  console.error('Failed to install them: only our own figures follow');
  return false;
}

function isInstalled(): boolean {
  return Object.entries(PEER_VERSIONS).every(([name, version]) => {
    const manifest = join(FOLDER, 'node_modules', name, 'package.json');
    if (!existsSync(manifest)) return false;
    const installed = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    return installed.version === version;
  });
}

/** A library, or a module of it. Their types are not there at build time: each adapter says what it uses. */
export function load(name: keyof typeof PEER_VERSIONS, module?: string): unknown {
  return createRequire(MANIFEST)(module === undefined ? name : `${name}/${module}`);
}
