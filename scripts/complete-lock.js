import './node-version.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.js';

// A registry mirror may lack the binaries of platforms that nobody uses behind it. `npm install`
// then leaves their entries out of package-lock.json, and `npm ci` refuses a lock without them, on
// every platform. `npm run lock` adds them: version and platform, without an integrity.
const PATH = join(ROOT, 'package-lock.json');

const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** What npm compares with this machine, from a name such as `@swc/core-linux-x64-musl`. */
function platformOf(name) {
  const match = /-(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(
    name,
  );
  if (!match) return undefined;
  const [, os, cpu, abi] = match;
  return { os: [os], cpu: [cpu], ...(LIBC[abi] && os === 'linux' && { libc: [LIBC[abi]] }) };
}

const lock = JSON.parse(readFileSync(PATH, 'utf8'));
const added = {};
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const platform = platformOf(name);
    const key = `node_modules/${name}`;
    if (lock.packages[key] || !platform || !/^\d/.test(version)) continue;
    added[key] = { version, ...platform, ...(dev && { dev }), optional: true };
  }
}

const [root, ...entries] = Object.entries({ ...lock.packages, ...added });
entries.sort(([left], [right]) => left.localeCompare(right, 'en'));
lock.packages = Object.fromEntries([root, ...entries]);
writeFileSync(PATH, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`Added ${Object.keys(added).length} platforms to package-lock.json\n`);
