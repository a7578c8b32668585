import './node-version.js';
import { join } from 'node:path';
import { withLock } from './lock.js';
import { CACHE } from './paths.js';
import { build, generate, install } from './steps.js';

/** What linting and type checking need. */
export const SOURCES = [install, generate];
/** What running needs. */
export const BUILT = [install, generate, build];

/**
 * Does those of `steps` that are not done, saying so in one line each. Two commands at once in one
 * clone take turns: the second finds the work of the first done.
 */
export async function bootstrap(steps) {
  if (steps.every((step) => step.isDone())) return;
  const onWait = (pid, path) =>
    say(`Waiting for another command that prepares this folder (process ${pid}, ${path}) ...`);
  await withLock(join(CACHE, 'bootstrap'), onWait, () => {
    for (const step of steps.filter((each) => !each.isDone())) {
      say(`${step.title} ...`);
      step.run();
    }
  });
}

// On stderr: what a command prints on stdout is for whoever reads its result.
function say(line) {
  process.stderr.write(`${line}\n`);
}
