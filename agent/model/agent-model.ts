import { Resources } from '../../common/resources.ts';
import type { UPID } from '../../libprocess/index.ts';
import type { SlaveInfo } from '../../proto/index.ts';
import type { Executor } from './executor.ts';
import type { Framework } from './framework.ts';
import { Ring } from './ring.ts';

/**
 * ```
 *   recovering ──► disconnected ◄──master lost──► running        any ──► terminating
 * ```
 */
export type AgentState = 'recovering' | 'disconnected' | 'running' | 'terminating';

/** All that the agent knows. Changed only in turns of `SlaveProcess`. */
export class AgentModel {
  state: AgentState = 'recovering';
  /** Without `id` until a master has given one. */
  info: SlaveInfo;
  /** The leading master, as detected. */
  master: UPID | undefined;
  readonly frameworks = new Map<string, Framework>();
  readonly completedFrameworks: Ring<Framework>;
  /** By framework that is not here, its tasks that are said never to have come, until that is acknowledged. */
  readonly strayTasks = new Map<string, Set<string>>();
  /** Names this state of the agent's resources in offers and launches; 16 bytes. */
  readonly resourceVersion: Uint8Array;

  constructor(options: {
    readonly info: SlaveInfo;
    readonly resourceVersion: Uint8Array;
    readonly completedFrameworksMax: number;
  }) {
    this.info = options.info;
    this.resourceVersion = options.resourceVersion;
    this.completedFrameworks = new Ring(options.completedFrameworksMax);
  }

  get agentId(): string | undefined {
    return this.info.id?.value;
  }

  executor(frameworkId: string, executorId: string): Executor | undefined {
    return this.frameworks.get(frameworkId)?.executors.get(executorId);
  }

  /** That a task never came here is said in its stream; another of its id may come before that is acknowledged. */
  noteStray(frameworkId: string, taskId: string): void {
    const tasks = this.strayTasks.get(frameworkId);
    if (tasks) tasks.add(taskId);
    else this.strayTasks.set(frameworkId, new Set([taskId]));
  }

  forgetStray(frameworkId: string, taskId: string): void {
    const tasks = this.strayTasks.get(frameworkId);
    tasks?.delete(taskId);
    if (tasks?.size === 0) this.strayTasks.delete(frameworkId);
  }

  /** What all executors and tasks hold together. */
  allocatedResources(): Resources {
    return [...this.executors()].reduce(
      (sum, executor) => sum.plus(executor.allocatedResources()),
      Resources.EMPTY,
    );
  }

  *executors(): Generator<Executor> {
    for (const framework of this.frameworks.values()) yield* framework.executors.values();
  }
}
