import { describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import type { TaskInfo } from '../../proto/index.ts';
import { Bed, freePort, type Daemon } from './support/bed.ts';
import { GatedTask } from './support/gated-task.ts';
import { storiesOf } from './support/ledger.ts';
import { identity, inspect } from './support/processes.ts';
import type { RealScheduler } from './support/real-scheduler.ts';

const KILLS = 20;
const COMMAND_TASKS = 20;
const EXECUTOR_TASKS = 4;

/** Tasks that run throughout, and those of which one ends while the agent is dead. */
interface Tasks {
  readonly lasting: readonly GatedTask[];
  readonly ending: readonly GatedTask[];
  /** Ids of those that a custom executor runs. */
  readonly custom: ReadonlySet<string>;
}

function makeTasks(bed: Bed): Tasks {
  const directory = bed.path('tasks');
  mkdirSync(directory);
  const make = (name: string, count: number): GatedTask[] =>
    Array.from({ length: count }, (_, index) => new GatedTask(directory, `${name}-${index}`));
  const custom = make('custom', EXECUTOR_TASKS);
  const customEnding = make('custom-ending', KILLS / 2);
  return {
    lasting: [...make('command', COMMAND_TASKS), ...custom],
    ending: [...make('ending', KILLS / 2), ...customEnding].sort(alternately),
    custom: new Set([...custom, ...customEnding].map(({ id }) => id)),
  };
}

const alternately = (left: GatedTask, right: GatedTask): number =>
  Number(left.id.replace(/\D/g, '')) - Number(right.id.replace(/\D/g, ''));

async function launch(bed: Bed, scheduler: RealScheduler, tasks: Tasks): Promise<void> {
  const all = [...tasks.lasting, ...tasks.ending];
  const requests = new Map(
    all.map((task) => [
      task.id,
      tasks.custom.has(task.id)
        ? { executor: 'gated', data: new TextEncoder().encode(task.text) }
        : { command: task.command },
    ]),
  );
  await scheduler.launch(requests, (task): TaskInfo => {
    if (!task.executor) return task;
    const argv = [process.execPath, bed.program('gated-executor.js')];
    const command = { shell: false, value: process.execPath, arguments: argv };
    return { ...task, executor: { ...task.executor, command } };
  });
  await scheduler.reach('TASK_RUNNING', ...requests.keys());
  await bed.until('all commands wait', () => all.every(({ pid }) => pid !== undefined));
}

/** Kills and restarts the agent; in between one task ends with `code`. */
async function killOnce(
  bed: Bed,
  story: { agent: Daemon; restart: () => Promise<Daemon>; task: GatedTask; code: number },
): Promise<Daemon> {
  const { task, code } = story;
  const { pid = 0 } = task;
  await story.agent.child.kill();
  task.exit(code);
  await bed.until(`${task.id} ends`, () => inspect(pid) === undefined);
  return story.restart();
}

describe('an agent killed by SIGKILL under running tasks', () => {
  test('comes back 20 times in a row with each of them, and with how those ended that did meanwhile', async () => {
    await using bed = new Bed();
    const master = await bed.master(0);
    const port = await freePort();
    const restart = (): Promise<Daemon> => bed.agent(master.address, port);
    let agent = await restart();
    const scheduler = await bed.scheduler({ master: master.address });
    const tasks = makeTasks(bed);
    await launch(bed, scheduler, tasks);
    const identities = (): string[] => tasks.lasting.map(({ pid = 0 }) => identity(pid));
    const before = identities();

    const downMs: number[] = [];
    for (const [round, task] of tasks.ending.entries()) {
      const killedAt = performance.now();
      agent = await killOnce(bed, { agent, restart, task, code: round });
      // Every third is killed again at once, while it recovers.
      if (round % 3 === 2) {
        await agent.child.kill();
        agent = await restart();
      }
      await scheduler.reach(round === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', task.id);
      downMs.push(performance.now() - killedAt);
      expect(identities()).toEqual(before);
    }

    for (const task of tasks.lasting) task.exit(0);
    const lasting = tasks.lasting.map(({ id }) => id);
    await scheduler.reach('TASK_FINISHED', ...lasting);

    const stories = storiesOf(scheduler.driver.updates);
    expect(stories.size).toBe(tasks.lasting.length + tasks.ending.length);
    for (const [id, { states, last }] of stories) {
      const begin = tasks.custom.has(id) ? ['TASK_RUNNING'] : ['TASK_STARTING', 'TASK_RUNNING'];
      const round = tasks.ending.findIndex((task) => task.id === id);
      const end = round > 0 ? 'TASK_FAILED' : 'TASK_FINISHED';
      expect({ id, states }).toEqual({ id, states: [...begin, end] });
      if (round > 0) expect(last.message).toMatch(new RegExp(`(^| )${round}$`));
    }
    const agents = new Set(scheduler.driver.updates.map(({ slave_id }) => slave_id?.value));
    expect(agents.size).toBe(1);
    expect(scheduler.driver.lostAgents).toEqual([]);
    report(
      downMs,
      [...stories.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    );

    scheduler.driver.stop();
    await bed.until(
      'the executor ends',
      () => !bed.processes().some((line) => line.includes('gated')),
    );
    await agent.child.stop();
    await master.child.stop();
    await bed.until('the launcher ends', () => bed.processes().length === 0);
  }, 120_000);
});

function report(downMs: readonly number[], repeats: number): void {
  const sorted = [...downMs].sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  process.stdout.write(
    `${downMs.length} of ${KILLS} kills survived by ${COMMAND_TASKS + EXECUTOR_TASKS} tasks; ` +
      `kill to news of the task that ended meanwhile: median ${median.toFixed(0)} ms; ` +
      `${repeats} updates repeated\n`,
  );
}
