import { readFileSync } from 'node:fs';
import { ExecutorProcess } from '../../executor/index.ts';
import type { TaskInfo } from '../../proto/index.ts';
import { countWords, merge, partition } from './count-words.ts';
import { decodeWork, encode, type Outcome, type Work } from './work.ts';

/** Does the map and reduce tasks of one agent, all in this process. */
class WordCountExecutor extends ExecutorProcess {
  protected override launchTask({ task_id, data }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    try {
      const outcome = encode(perform(decodeWork(data)));
      this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED', data: outcome });
    } catch (error) {
      this.sendStatusUpdate({ task_id, state: 'TASK_FAILED', message: String(error) });
    }
  }
}

function perform(work: Work): Outcome {
  if (work.kind === 'reduce') return [merge(work.parts)];
  const counts = work.files.map((file) => countWords(readFileSync(file, 'utf8')));
  return partition(merge(counts), work.partitions);
}

await new WordCountExecutor().run();
