import { Future } from '../future.ts';
import type { ProcessManager } from '../process-manager.ts';
import { startNode } from '../start-node.ts';
import { nodeRuntime } from './node-runtime.ts';

/**
 * Runs `use` on a real node of its own, which closes when the result is there. It listens where
 * `LIBPROCESS_IP` and its like say, by default on any free port of 127.0.0.1. A failed assertion in a
 * process of it ends the program: nobody else would hear of it.
 */
export function withOwnNode<T>(use: (node: ProcessManager) => PromiseLike<T>): Future<T> {
  const serve = async (): Promise<T> => {
    const onFatal = (error: unknown): never => {
      throw error;
    };
    await using node = await startNode({ runtime: nodeRuntime(), onFatal });
    return await use(node);
  };
  return Future.from(serve());
}
