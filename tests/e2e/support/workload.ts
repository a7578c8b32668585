import { mkdirSync } from 'node:fs';
import type { TaskInfo } from '../../../proto/index.ts';
import type { Bed } from './bed.ts';
import { GatedTask } from './gated-task.ts';
import type { RealScheduler } from './real-scheduler.ts';

export const EXECUTOR_ID = 'gated';

/** The tasks of a test: commands of their own, and commands of one custom executor. */
export class Workload {
  readonly #bed: Bed;
  readonly #directory: string;
  readonly #custom = new Set<GatedTask>();

  constructor(bed: Bed) {
    this.#bed = bed;
    this.#directory = bed.path('tasks');
    mkdirSync(this.#directory);
  }

  commands(name: string, count: number): GatedTask[] {
    return Array.from({ length: count }, (_, index) => this.command(`${name}-${index}`));
  }

  command(id: string): GatedTask {
    return new GatedTask(this.#directory, id);
  }

  /** Tasks of the custom executor. */
  custom(name: string, count: number): GatedTask[] {
    const tasks = this.commands(name, count);
    for (const task of tasks) this.#custom.add(task);
    return tasks;
  }

  isCustom(task: GatedTask): boolean {
    return this.#custom.has(task);
  }

  /** Resolves when all of them run and wait. */
  async launch(scheduler: RealScheduler, tasks: readonly GatedTask[]): Promise<void> {
    await this.submit(scheduler, tasks);
    await scheduler.reach('TASK_RUNNING', ...tasks.map(({ id }) => id));
    await this.#bed.until('all commands wait', () => tasks.every(({ pid }) => pid !== 0));
  }

  async submit(scheduler: RealScheduler, tasks: readonly GatedTask[]): Promise<void> {
    const requests = new Map(
      tasks.map((task) => [
        task.id,
        this.#custom.has(task)
          ? { executor: EXECUTOR_ID, data: new TextEncoder().encode(task.text) }
          : { command: { value: task.text } },
      ]),
    );
    await scheduler.launch(requests, (task) => this.#withProgram(task));
  }

  #withProgram(task: TaskInfo): TaskInfo {
    if (!task.executor) return task;
    const argv = [process.execPath, this.#bed.program('gated-executor.js')];
    const command = { shell: false, value: process.execPath, arguments: argv };
    return { ...task, executor: { ...task.executor, command } };
  }
}
