import { fileURLToPath } from 'node:url';
import { isTerminal } from '../../common/task-state.ts';
import type {
  ExecutorInfo,
  FrameworkInfo,
  Offer,
  TaskInfo,
  TaskStatus,
} from '../../proto/index.ts';
import { Resources, SchedulerProcess } from '../../scheduler-driver/index.ts';
import { merge, type Counts } from './count-words.ts';
import { decodeOutcome, encode, type Work } from './work.ts';

const FRAMEWORK: FrameworkInfo = { user: '', name: 'word-count' };
const EXECUTOR_RESOURCES = Resources.from('cpus:0.1;mem:64');
const TASK_RESOURCES = Resources.from('cpus:0.2;mem:32');
/** So that several agents get some. */
const TASKS_PER_OFFER = 2;
const FILES_PER_MAP = 1;
const REDUCES = 3;
const ATTEMPTS_MAX = 3;

const program = fileURLToPath(new URL('./executor.js', import.meta.url));
const EXECUTOR: ExecutorInfo = {
  executor_id: { value: 'word-count' },
  command: { value: `exec '${process.execPath}' '${program}'` },
  resources: EXECUTOR_RESOURCES.toProtobuf(),
};

interface Job {
  readonly id: string;
  readonly work: Work;
  attempts: number;
}

export interface Progress {
  readonly finished: number;
  readonly total: number;
  readonly agents: number;
}

/** Counts words by map tasks, then adds the counts up by reduce tasks: all maps first. */
export class WordCount extends SchedulerProcess {
  readonly #onProgress: (progress: Progress) => void;
  readonly #waiting: Job[] = [];
  readonly #running = new Map<string, Job>();
  readonly #agents = new Set<string>();
  readonly #mapped: (readonly Counts[])[] = [];
  readonly #reduced: Counts[] = [];
  readonly #maps: number;

  constructor(
    master: string,
    files: readonly string[],
    onProgress: (progress: Progress) => void = () => undefined,
  ) {
    super({ master, framework: FRAMEWORK });
    this.#onProgress = onProgress;
    for (let from = 0; from < files.length; from += FILES_PER_MAP) {
      const part = files.slice(from, from + FILES_PER_MAP);
      this.#add('map', { kind: 'map', files: part, partitions: REDUCES });
    }
    this.#maps = this.#waiting.length;
  }

  get progress(): Progress {
    const finished = this.#mapped.length + this.#reduced.length;
    return { finished, total: this.#maps + REDUCES, agents: this.#agents.size };
  }

  /** How often each word occurs; undefined if the job did not finish. */
  get result(): Counts | undefined {
    return this.#reduced.length === REDUCES ? merge(this.#reduced) : undefined;
  }

  #add(name: string, work: Work): void {
    this.#waiting.push({ id: `${name}-${this.#waiting.length}`, work, attempts: 0 });
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const { id, slave_id, resources } of offers) {
      let left = Resources.fromProtobuf(resources).minus(EXECUTOR_RESOURCES);
      const tasks: TaskInfo[] = [];
      while (tasks.length < TASKS_PER_OFFER && left.contains(TASK_RESOURCES)) {
        const job = this.#waiting.shift();
        if (!job) break;
        left = left.minus(TASK_RESOURCES);
        const taskId = `${job.id}.${job.attempts}`;
        this.#running.set(taskId, job);
        tasks.push({
          name: job.id,
          task_id: { value: taskId },
          slave_id,
          executor: EXECUTOR,
          resources: TASK_RESOURCES.toProtobuf(),
          data: encode(job.work),
        });
      }
      if (tasks.length > 0) this.#agents.add(slave_id.value);
      this.launchTasks(id.value, tasks, { refuse_seconds: 0 });
    }
  }

  protected override statusUpdate({ task_id, state, data, message }: TaskStatus): void {
    const job = this.#running.get(task_id.value);
    if (!job || !isTerminal(state)) return;
    this.#running.delete(task_id.value);
    if (state !== 'TASK_FINISHED') {
      this.#again(job, message ?? state);
      return;
    }
    const outcome = decodeOutcome(data);
    if (job.work.kind === 'map') this.#mapped.push(outcome);
    else this.#reduced.push(...outcome);
    this.#onProgress(this.progress);
    if (this.result) this.stop();
    else if (job.work.kind === 'map' && this.#mapped.length === this.#maps) this.#startReduces();
  }

  #startReduces(): void {
    for (let index = 0; index < REDUCES; index += 1) {
      const parts = this.#mapped.map((partitions) => partitions[index] ?? {});
      this.#add('reduce', { kind: 'reduce', parts });
    }
    this.reviveOffers();
  }

  #again(job: Job, reason: string): void {
    job.attempts += 1;
    if (job.attempts < ATTEMPTS_MAX) this.#waiting.push(job);
    else this.fail(`Task ${job.id} failed ${ATTEMPTS_MAX} times: ${reason}`);
  }

  protected override error(message: string): void {
    console.error(message);
  }
}
