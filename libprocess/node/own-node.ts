import { Future } from '../future.ts';
import type { ProcessManager } from '../process-manager.ts';
import { startNode } from '../start-node.ts';
import { nodeRuntime } from './node-runtime.ts';

/**
 * Runs `use` on a real node of its own, which closes when the result is there. It listens where
 * `LIBPROCESS_IP` and its like say, by default on any free port of 127.0.0.1.
 */
export function withOwnNode<T>(use: (node: ProcessManager) => PromiseLike<T>): Future<T> {
  const serve = async (): Promise<T> => {
    await using node = await startNode({ runtime: nodeRuntime() });
    return await use(node);
  };
  return Future.from(serve());
}
