/*
 * Preloaded into an agent (`node --import`): kills it with SIGKILL in the midst of a change of its disk.
 * MESOS_TEST_KILL_AT is JSON: `{ point, kind, moment, ordinal }`, moment `before`, `torn` or `after`, the
 * ordinal counting what is alike from 1. MESOS_TEST_SITES names a file that gets a line for each change.
 */
import { appendFileSync } from 'node:fs';

const dist = new URL('../../../dist/', import.meta.url);
const { NodeDisk } = await import(new URL('libprocess/node/node-disk.js', dist));

const at = JSON.parse(process.env.MESOS_TEST_KILL_AT ?? 'null');
const sites = process.env.MESOS_TEST_SITES;
const CHANGES = [
  'writeFile',
  'makeDirectory',
  'rename',
  'unlink',
  'removeTree',
  'symlink',
  'setModifiedAt',
  'setMode',
  'setOwner',
  'syncDirectory',
  'lockDirectory',
];
let seen = 0;

/** What the change is to die of; undefined if it is to live. */
function fateOf(kind, points) {
  const names = typeof points === 'string' ? [points] : [...points()];
  if (sites) for (const name of names) appendFileSync(sites, `${name} ${kind}\n`);
  if (at?.kind !== kind || !names.includes(at.point)) return undefined;
  seen += 1;
  return seen === at.ordinal ? at.moment : undefined;
}

/** Returns for nobody: the signal comes with the return from this call. */
function die() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

async function change(kind, points, { whole, half = whole }) {
  const fate = fateOf(kind, points);
  if (fate === undefined) return whole();
  if (fate === 'after') await whole();
  if (fate === 'torn') await half();
  return die();
}

const half = (bytes) => bytes.subarray(0, bytes.length >> 1);

function named(target, points, changes) {
  return new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target);
      if (name in changes) return (...args) => changes[name](points, ...args);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function namedFile(file, points) {
  const simply =
    (kind) =>
    (where, ...args) =>
      change(kind, where, { whole: () => file[kind](...args) });
  return named(file, points, {
    at: (_, other) => namedFile(file, other),
    write: (where, offset, bytes) =>
      change('write', where, {
        whole: () => file.write(offset, bytes),
        half: () => file.write(offset, half(bytes)),
      }),
    truncate: simply('truncate'),
    sync: simply('sync'),
  });
}

const { at: anywhere } = NodeDisk.prototype;

NodeDisk.prototype.at = function (points) {
  const disk = anywhere.call(this);
  const simply = (kind) => [
    kind,
    (where, ...args) => change(kind, where, { whole: () => disk[kind](...args) }),
  ];
  return named(disk, points, {
    ...Object.fromEntries(CHANGES.map(simply)),
    at: (_, other) => disk.at(other),
    open: async (where, path, mode) => {
      const open = async () => namedFile(await disk.open(path, mode), where);
      return mode === 'read' ? open() : change('open', where, { whole: open });
    },
    writeFile: (where, path, ...[bytes, mode]) =>
      change('writeFile', where, {
        whole: () => disk.writeFile(path, bytes, mode),
        half: () => disk.writeFile(path, half(bytes), mode),
      }),
  });
};
