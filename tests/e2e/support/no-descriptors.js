// Run with few file descriptors: uses them all up, links to a process of another node, and prints
// what it hears of it. Its first argument is the UPID.
import { closeSync, openSync } from 'node:fs';
import { Process, startNode, UPID } from '../../../dist/libprocess/index.js';
import { nodeRuntime } from '../../../dist/libprocess/node/node-runtime.js';

class Linker extends Process {
  constructor(remote) {
    super('linker');
    this.remote = remote;
  }

  initialize() {
    this.link(this.remote);
  }

  exited(upid) {
    for (const descriptor of taken) closeSync(descriptor);
    process.stdout.write(`exited ${upid.toString()}\n`);
    this.terminate();
  }
}

const taken = [];
const node = await startNode({ runtime: nodeRuntime(), environment: {} });
const linker = new Linker(UPID.parse(process.argv[2]));
try {
  for (;;) taken.push(openSync('/dev/null'));
} catch (error) {
  process.stdout.write(`${error.code} after ${taken.length}\n`);
}
await node.wait(node.spawn(linker));
await node[Symbol.asyncDispose]();
