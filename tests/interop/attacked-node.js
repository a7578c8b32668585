/*
 * A node that is to be attacked, in a process of its own so that its memory is nobody else's. Says its port, and
 * answers each message with how many bytes its memory has grown by at most, and the metrics that are asked for.
 */
import { setInterval } from 'node:timers';

const dist = new URL('../../dist/', import.meta.url);
const { SILENT_LOGGER, startNode } = await import(new URL('libprocess/index.js', dist));
const { NodeNetwork } = await import(new URL('libprocess/node/node-network.js', dist));
const { nodeRuntime } = await import(new URL('libprocess/node/node-runtime.js', dist));

const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
const node = await startNode({ runtime });

const before = process.memoryUsage.rss();
let most = before;
const look = () => (most = Math.max(most, process.memoryUsage.rss()));
setInterval(look, 5);

process.on('message', (metric) => {
  look();
  void node.metrics.snapshot().then((values) => {
    process.send({ grownBytes: most - before, counted: values.get(metric) });
  });
});
process.on('disconnect', () => process.exit());
process.send({ port: Number(node.address.split(':')[1]) });
