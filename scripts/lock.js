import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 200;
const RELEASED = 'released';
const PREFIX = 'lock.';

/**
 * Runs `work` while no other process runs work under a lock in `directory`.
 *
 * The lock is the file `lock.<n>` with the highest n; it holds the pid of its owner, or the word
 * `released`. Who finds it released, or its owner dead, links `lock.<n+1>`, which only one can do:
 * an owner that was killed is succeeded without a moment in which two believe they own the lock.
 */
export async function withLock(directory, onWait, work) {
  mkdirSync(directory, { recursive: true });
  const generation = await acquire(directory, onWait);
  try {
    return await work();
  } finally {
    replace(directory, generation, RELEASED);
  }
}

async function acquire(directory, onWait) {
  for (let waited = false; ; waited = true) {
    const current = highest(directory);
    const owner = current === 0 ? RELEASED : ownerOf(directory, current);
    if (!isHeld(owner)) {
      if (claim(directory, current + 1)) return current + 1;
      continue;
    }
    if (!waited) onWait(owner, join(directory, PREFIX + current));
    await sleep(POLL_INTERVAL_MS);
  }
}

/** False if another process was faster. */
function claim(directory, generation) {
  const draft = join(directory, `draft.${process.pid}`);
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, join(directory, PREFIX + generation));
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
  // With an old view of the folder we may have linked a name that its owners have since left behind.
  if (highest(directory) > generation) {
    rmSync(join(directory, PREFIX + generation), { force: true });
    return false;
  }
  for (const older of generations(directory).filter((each) => each < generation)) {
    rmSync(join(directory, PREFIX + older), { force: true });
  }
  return true;
}

function replace(directory, generation, content) {
  writeFileSync(join(directory, PREFIX + generation), content);
}

function generations(directory) {
  const names = readdirSync(directory).filter((name) => name.startsWith(PREFIX));
  return names.map((name) => Number(name.slice(PREFIX.length)));
}

const highest = (directory) => Math.max(0, ...generations(directory));

/** Undefined if the file has just gone: its successor is there already. */
function ownerOf(directory, generation) {
  try {
    return readFileSync(join(directory, PREFIX + generation), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return RELEASED;
  }
}

function isHeld(owner) {
  if (owner === RELEASED) return false;
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
