import { EchoProcess, openNode } from './remote-actors.ts';

/** The other operating-system process of the remote benchmarks: a node with echoing actors. */
const ACTORS = 16;

const node = await openNode();
for (let ordinal = 1; ordinal <= ACTORS; ordinal += 1) {
  node.spawn(new EchoProcess(`echo(${ordinal})`));
}
process.send?.({ address: node.address });
process.once('disconnect', () => {
  process.exit(0);
});
