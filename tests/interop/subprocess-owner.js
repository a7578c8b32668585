/*
 * A parent that is to be killed: `node subprocess-owner.js <what> <directory>` starts a child, prints
 * its pid, and waits. `supervised`: the child and one of its own sleep in a supervised group. `hook`: the
 * child would write a file, but its hook never ends. `full`: there are too few descriptors; prints why.
 */
import { join } from 'node:path';

const dist = new URL('../../dist/', import.meta.url);
const { NodeSubprocesses } = await import(
  new URL('libprocess/node/subprocess/node-subprocesses.js', dist)
);

const [what, directory] = process.argv.slice(2);
const subprocesses = new NodeSubprocesses();
const environment = { PATH: '/usr/bin:/bin' };
const say = (text) => process.stdout.write(`${text}\n`);
const shell = (script) => ['/bin/sh', '-c', script, join(directory, 'ran')];

if (what === 'supervised') {
  const argv = shell('trap "" TERM; sleep 600 & sleep 600; wait');
  const child = await subprocesses.spawn({ argv, environment, supervised: true });
  say(child.pid);
} else if (what === 'hook') {
  const forever = new Promise(() => undefined);
  const parentHooks = [(pid) => (say(pid), forever)];
  subprocesses.spawn({ argv: shell('echo ran >"$0"'), environment, parentHooks });
} else {
  const stdio = ['pipe', 'pipe', 'pipe'];
  for (;;) {
    const outcome = subprocesses.spawn({ argv: ['sleep', '600'], environment, stdio });
    const error = await outcome.then(
      () => undefined,
      (reason) => reason,
    );
    if (!error) continue;
    say(JSON.stringify({ code: error.code, message: error.message }));
    process.exit(0);
  }
}
setInterval(() => undefined, 60_000);
