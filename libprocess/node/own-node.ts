import { Future } from '../future.ts';
import type { ProcessManager } from '../process-manager.ts';
import { startNode } from '../start-node.ts';
import { NodeNetwork } from './node-network.ts';
import { nodeRuntime } from './node-runtime.ts';

/**
 * Runs `use` on a real node of its own, which closes when the result is there. It listens where the
 * variables `LIBPROCESS_IP` and `LIBPROCESS_PORT` say, by default on any free port of 127.0.0.1.
 */
export function withOwnNode<T>(use: (node: ProcessManager) => PromiseLike<T>): Future<T> {
  const serve = async (): Promise<T> => {
    const runtime = nodeRuntime({ network: new NodeNetwork() });
    const { LIBPROCESS_IP: ip = '127.0.0.1', LIBPROCESS_PORT: port = '0' } =
      runtime.host.environment();
    await using node = await startNode({ runtime, ip, port: Number(port) });
    return await use(node);
  };
  return Future.from(serve());
}
