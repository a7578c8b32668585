import {
  documentation,
  printResult,
  singleProcessCount,
} from '../../examples/word-count/report.ts';
import { WordCount } from '../../examples/word-count/scheduler.ts';
import { aborted, type Host } from '../host.ts';
import { ProgressLine } from './progress-line.ts';

export interface JobOutcome {
  readonly finished: number;
  readonly total: number;
  /** Whether the result is there and right. */
  readonly succeeded: boolean;
}

/** Counts the words of this project's documentation on the cluster. Ends early if the host is to stop. */
export async function runSampleJob(host: Host, master: string): Promise<JobOutcome> {
  const files = documentation();
  const line = new ProgressLine(host.stdout);
  const job = new WordCount(master, files, ({ finished, total, agents }) => {
    line.show(finished, total, `tasks finished on ${agents} agents`);
  });
  const { total } = job.progress;
  host.stdout.write(`Counting the words of ${files.length} documents in ${total} tasks ...\n`);
  const ended = job.run();
  // A job that was not even started yet cannot be stopped: it ends with its cluster.
  await Promise.race([ended, aborted(host.stop)]);
  if (host.stop.aborted) job.stop();
  line.end();
  const right = job.result !== undefined && printResult(job.result, singleProcessCount(files));
  return { ...job.progress, succeeded: right };
}
