import { ProcessManager, SILENT_LOGGER, type MessageType } from '../libprocess/index.ts';
import { NodeNetwork } from '../libprocess/node/node-network.ts';
import { nodeRuntime } from '../libprocess/node/node-runtime.ts';

/** A node that listens nowhere: all its messages are local. */
export function localNode(): ProcessManager {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  return new ProcessManager({ runtime, address: '127.0.0.1:1' });
}

/** A message without fields that never leaves the node, so nothing encodes it. */
export interface Token {
  readonly hops: number;
}

export const Token: MessageType<Token> = {
  fullName: 'bench.Token',
  encode: (token) => new TextEncoder().encode(JSON.stringify(token)),
  decode: (body) => JSON.parse(new TextDecoder().decode(body)) as Token,
};

/** Seconds that `work` takes, run once to warm up and then seven times: the best, as hosts have slow phases. */
export async function bestSeconds(work: () => Promise<void>, rounds = 7): Promise<number> {
  await work();
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const since = performance.now();
    await work();
    best = Math.min(best, (performance.now() - since) / 1_000);
  }
  return best;
}
