import type { ExecutorProcess } from '../executor/executor-process.ts';
import type { ProcessManager } from '../libprocess/process-manager.ts';
import type { Program, ProgramContext } from '../libprocess/sim/subprocess/program.ts';
import { startNode } from '../libprocess/start-node.ts';

/**
 * A simulated program that is one executor, as `await new MyExecutor().run()` is a real one: it exits
 * with 0 when the driver has stopped. `make` is called for each process that an agent starts.
 */
export const executorProgram =
  (
    make: (context: ProgramContext) => ExecutorProcess,
    onNode?: (node: ProcessManager) => void,
  ): Program =>
  (context) => {
    const { runtime } = context;
    void startNode({ runtime }).then((node) => {
      onNode?.(node);
      const executor = make(context);
      node.spawn(executor);
      executor.join().onAny(() => {
        context.exit(0);
      });
    });
  };
