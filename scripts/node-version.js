// Imported first by every entry point, so that an old Node.js says what is wrong before anything
// else fails in a way that does not.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const minimum = engines.node.replace('>=', '');

/** Whether dotted version `actual` is at least `wanted`. */
function atLeast(actual, wanted) {
  const [left, right] = [actual, wanted].map((version) => version.split('.').map(Number));
  const different = right.findIndex((part, index) => part !== left[index]);
  return different === -1 || left[different] > right[different];
}

if (!atLeast(process.versions.node, minimum)) {
  process.stderr.write(
    `mesos-ts needs Node.js ${minimum} or newer; this is ${process.versions.node} (${process.execPath})\n`,
  );
  process.exit(1);
}
