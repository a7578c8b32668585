import { existsSync, readdirSync } from 'node:fs';
import type { Offer } from '../../../proto/index.ts';
import { Bed, freePort, type Daemon } from './bed.ts';
import type { Child } from './child.ts';
import type { GatedTask } from './gated-task.ts';
import { storiesOf } from './ledger.ts';
import type { RealScheduler } from './real-scheduler.ts';
import { Workload } from './workload.ts';

/** Where an agent kills itself: what `kill-at-write-point.js` is told. */
export interface KillAt {
  readonly point: string;
  readonly kind: string;
  readonly moment: 'before' | 'torn' | 'after';
  /** Of what is alike, from 1. */
  readonly ordinal: number;
}

const PRELOADED = 'kill-at-write-point.js';
/** Short, so that sandboxes and checkpoints are removed within the story. */
const FLAGS = { gc_delay: '200ms', disk_watch_interval: '100ms' };
/** An executor that a crash has left without a task is shut down, and takes none meanwhile. */
const TRIES_FOR_MS = 15_000;

/**
 * A real agent with a command task and one of a custom executor, from its first start to the removal of
 * all that it wrote; with `kill` it dies once on the way, and is started again. Throws where something is
 * lost. Resolves to how often it was killed.
 */
export async function killCase({
  kill,
  sites,
}: {
  readonly kill?: KillAt;
  /** Where to note all that changes the disk. */
  readonly sites?: string;
}): Promise<number> {
  await using bed = new Bed();
  const master = await bed.master();
  const env = {
    ...(kill && { MESOS_TEST_KILL_AT: JSON.stringify(kill) }),
    ...(sites !== undefined && { MESOS_TEST_SITES: sites }),
  };
  using agent = new StubbornAgent(bed, master, { port: await freePort(), env });
  const scheduler = await bed.scheduler({ master: master.address });
  const workload = new Workload(bed);
  await runTask(bed, scheduler, (id) => [workload, workload.command(id), 3]);
  await runTask(bed, scheduler, (id) => [workload, workload.custom(id, 1)[0], 0]);
  // What the master says of an agent that nobody has become is not the agent's word.
  const updates = scheduler.driver.updates.filter(({ source }) => source !== 'SOURCE_MASTER');
  storiesOf(updates);
  const agents = new Set(updates.map(({ slave_id }) => slave_id?.value));
  if (agents.size !== 1) throw new Error(`The agent was ${[...agents].join(' and ')}`);
  scheduler.driver.stop();
  await bed.until('what has ended is removed', () => frameworksIn(bed).length === 0);
  await agent.stop();
  if (existsSync(bed.path('agent', 'meta', 'journal'))) throw new Error('A journal is left');
  await agent.checkOnce();
  await master.child.stop();
  return agent.kills;
}

type Launch = (id: string) => readonly [Workload, GatedTask | undefined, code: number];

/** Runs a task to its end; if the crash has kept it from beginning, another. */
async function runTask(bed: Bed, scheduler: RealScheduler, launch: Launch): Promise<void> {
  const endsAt = performance.now() + TRIES_FOR_MS;
  while (performance.now() < endsAt) {
    const [workload, task, code] = launch(`task-${scheduler.driver.updates.length}`);
    if (!task) throw new Error('A task was made');
    await largeOffer(scheduler);
    await workload.submit(scheduler, [task]);
    const state = (): string => scheduler.driver.latest(task.id)?.state ?? '';
    await scheduler.until(`${task.id} runs, or never will`, () =>
      /RUNNING|DROPPED|LOST|FAILED/.test(state()),
    );
    if (state() === 'TASK_RUNNING') {
      await bed.until(`${task.id} waits`, () => task.pid !== 0);
      task.exit(code);
      await scheduler.reach(code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', task.id);
      return;
    }
    if (task.pid !== 0) throw new Error(`'${task.id}' began and is told ${state()}`);
  }
  throw new Error(`No task ever ran: ${scheduler.driver.heard()}`);
}

/** What a task has just freed may be offered alone, and is too little for another. */
async function largeOffer(scheduler: RealScheduler): Promise<void> {
  const isLarge = ({ resources }: Offer): boolean =>
    resources?.some(({ name, scalar }) => name === 'cpus' && (scalar?.value ?? 0) > 1) === true;
  const { offers } = scheduler.driver;
  await scheduler.until('a large offer', () => [...offers.values()].some(isLarge));
  for (const [id, offer] of offers) if (!isLarge(offer)) offers.delete(id);
}

/** Frameworks of which there are sandboxes or checkpoints. */
function frameworksIn(bed: Bed): readonly string[] {
  return [bed.path('agent', 'slaves'), bed.path('agent', 'meta', 'slaves')].flatMap((root) =>
    namesIn(root).flatMap((agent) => namesIn(`${root}/${agent}/frameworks`)),
  );
}

const namesIn = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);

/** An agent that is started again whenever it is killed. */
class StubbornAgent implements Disposable {
  kills = 0;
  #over = false;
  readonly #bed: Bed;
  readonly #master: Daemon;
  readonly #port: string;
  #child: Child;

  constructor(
    bed: Bed,
    master: Daemon,
    { port, env }: { readonly port: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.#bed = bed;
    this.#master = master;
    this.#port = port;
    this.#child = this.#start(env);
    void this.#follow();
  }

  /** Asks it to end; killed in the midst of that, the next life is asked. */
  async stop(): Promise<void> {
    for (;;) {
      const asked = this.#child;
      await asked.said(/is listening/);
      const { signal } = await asked.stop();
      if (signal !== 'SIGKILL') return;
      await this.#bed.until('the agent starts again', () => this.#child !== asked);
    }
  }

  /** One more life, on what the others have left: it is taken for who it was. */
  async checkOnce(): Promise<void> {
    const child = this.#start({});
    await child.said(/Reregistered/);
    await child.stop();
  }

  /** From now on nothing starts it again: the bed ends all that runs. */
  [Symbol.dispose](): void {
    this.#over = true;
  }

  async #follow(): Promise<void> {
    while ((await this.#child.ended).signal === 'SIGKILL' && !this.#over) {
      this.kills += 1;
      this.#child = this.#start({});
    }
  }

  #start(env: Readonly<Record<string, string>>): Child {
    const flags = { ...FLAGS, port: this.#port };
    return this.#bed.agentProcess(this.#master, flags, { program: PRELOADED, env });
  }
}
