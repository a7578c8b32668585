import { describe, expect, test } from '@jest/globals';
import { Bed, freePort, type Daemon } from './support/bed.ts';
import type { GatedTask } from './support/gated-task.ts';
import { storiesOf } from './support/ledger.ts';
import { Workload } from './support/workload.ts';

const KILLS = 20;
const COMMAND_TASKS = 20;
const EXECUTOR_TASKS = 4;

const alternately = (left: GatedTask, right: GatedTask): number => ordinal(left) - ordinal(right);
const ordinal = ({ id }: GatedTask): number => Number(id.replace(/\D/g, ''));

/** Kills and restarts the agent; in between one task ends with `code`. */
async function killOnce(
  bed: Bed,
  story: { agent: Daemon; restart: () => Promise<Daemon>; task: GatedTask; code: number },
): Promise<Daemon> {
  const { task, code } = story;
  await story.agent.child.kill();
  task.exit(code);
  await bed.until(`${task.id} ends`, () => !task.lives);
  return story.restart();
}

describe('an agent killed by SIGKILL under running tasks', () => {
  test('comes back 20 times in a row with each of them, and with how those ended that did meanwhile', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const port = await freePort();
    const restart = (): Promise<Daemon> => bed.agent(master, { port });
    let agent = await restart();
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const lasting = [
      ...workload.commands('command', COMMAND_TASKS),
      ...workload.custom('custom', EXECUTOR_TASKS),
    ];
    const ending = [
      ...workload.commands('ending', KILLS / 2),
      ...workload.custom('custom-ending', KILLS / 2),
    ].sort(alternately);
    await workload.launch(scheduler, [...lasting, ...ending]);
    const identities = (): string[] => lasting.map((task) => task.identity);
    const before = identities();

    const downMs: number[] = [];
    for (const [round, task] of ending.entries()) {
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

    for (const task of lasting) task.exit(0);
    await scheduler.reach('TASK_FINISHED', ...lasting.map(({ id }) => id));

    const stories = storiesOf(scheduler.driver.updates);
    expect(stories.size).toBe(lasting.length + ending.length);
    for (const [id, { states, last }] of stories) {
      const begin = id.startsWith('custom') ? ['TASK_RUNNING'] : ['TASK_STARTING', 'TASK_RUNNING'];
      const round = ending.findIndex((task) => task.id === id);
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
