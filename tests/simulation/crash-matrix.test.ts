import { describe, expect, test } from '@jest/globals';
import { formatCase, parseCase } from '../../simulation/crash-matrix/crash.ts';
import { runMatrix } from '../../simulation/crash-matrix/matrix.ts';
import { runCase, type CaseOutcome } from '../../simulation/crash-matrix/run-case.ts';
import { Stage } from '../../simulation/crash-matrix/stage.ts';
import { STORIES } from '../../simulation/crash-matrix/stories.ts';

/** Of the cases that `npm run sim:crashes` runs, these many are one of its own. */
const ONE_IN = 40;

async function runAll(ids: readonly string[]): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (const id of ids) outcomes.push(await runCase(id));
  return outcomes;
}

describe('the crash matrix', () => {
  test('holds, one and two crashes deep, and reaches every registered write point', async () => {
    const stories = Object.keys(STORIES);
    const result = await runMatrix({ stories, all: false, oneIn: ONE_IN }, runAll);
    expect(result.failures.map(({ id, violation }) => `${id}: ${violation ?? ''}`)).toEqual([]);
    expect(result.unreached).toEqual([]);
    for (const { run } of result.depths) expect(run).toBeGreaterThan(50);
  });

  test('fails a write that has no name, and one whose name nobody has registered', async () => {
    for (const [point, message] of [
      [undefined, 'no name'],
      ['somewhere', 'no registered name: somewhere'],
    ] as const) {
      const stage = new Stage([]);
      const node = stage.sim.node();
      stage.watch(node.machine, { pid: () => node.pid, kill: () => undefined });
      const { disk } = node.runtime;
      const written = point === undefined ? disk : disk.at(point);
      await stage.sim.complete(written.writeFile('/a', new Uint8Array(1)));
      expect(() => stage.check()).toThrow(message);
    }
  });

  test('says what it did so that it can be done again', async () => {
    const id = 'checkpoints:30.torn@5.power-everything:3.after.kill';
    expect(formatCase(parseCase(id))).toBe(id);
    const [first, second] = await runAll([id, id]);
    expect(second).toEqual(first);
    expect(() => parseCase('agent:30.never')).toThrow("'30.never' is no crash");
  });

  test('does not take a crash that never came for one that was survived', async () => {
    const { violation } = await runCase('checkpoints:100000.before.kill');
    expect(violation).toBe('the story has no such place to crash');
  });
});
