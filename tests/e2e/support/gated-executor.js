/*
 * A custom executor, run against `dist/`. The data of a task is shell text: the task is finished if
 * that ends with 0, else it failed.
 */
import { spawn } from 'node:child_process';

const dist = new URL('../../../dist/', import.meta.url);
const { ExecutorProcess } = await import(new URL('executor/index.js', dist));

class GatedExecutor extends ExecutorProcess {
  #commands = new Map();

  launchTask({ task_id, data }) {
    const text = new TextDecoder().decode(data);
    const command = spawn('/bin/sh', ['-c', text], { stdio: 'ignore' });
    this.#commands.set(task_id.value, command);
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    command.on('exit', (code, signal) => {
      const state = code === 0 ? 'TASK_FINISHED' : signal ? 'TASK_KILLED' : 'TASK_FAILED';
      this.sendStatusUpdate({ task_id, state, message: `${code ?? signal}` });
    });
  }

  killTask(taskId) {
    this.#commands.get(taskId)?.kill('SIGKILL');
  }
}

await new GatedExecutor().run();
