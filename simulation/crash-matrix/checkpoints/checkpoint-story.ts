import { DiskJournal } from '../../../agent/journal/disk-journal.ts';
import { recoverJournal } from '../../../agent/journal/recover-journal.ts';
import { Segment, segmentPath } from '../../../agent/journal/segment.ts';
import { recoverState } from '../../../agent/state/recover.ts';
import { makeDurableDirectory } from '../../../common/durable-directory.ts';
import type { Machine, SimNode } from '../../../libprocess/sim/index.ts';
import { Violation, whatFailed, type Stage } from '../stage.ts';
import { fold, life, operationsOf, ROOT } from './checkpoint-life.ts';
import { describeTree, treeOf } from './meta-tree.ts';

const LIFE = life({ crowd: 14 });
/** What the directory holds after each number of steps: the oracle. */
const STATES = Array.from({ length: LIFE.length + 1 }, (_, steps) => {
  const written = LIFE.slice(0, steps).flatMap((step) => operationsOf(step));
  return describeTree(fold(written.map(({ op }) => op)));
});
/** Between steps: mostly less than a commit takes, so that some gather while another is written. */
const PAUSES_MS = [0.4, 0.4, 3, 0.4, 5];
/** Of a segment that an agent before has left: that of two digits after the next is not before it. */
const FIRST_SEGMENT = 8;
const LASTS_MS_MAX = 600_000;

/** How far the lives got, all together. */
interface Progress {
  begun: number;
  /** Acted upon: told to be durable, or found by a recovery. */
  durable: number;
  ended: boolean;
}

/**
 * An agent's journal through everything that is ever checkpointed, without the agent: R3, R4, U4, U5.
 * Whenever it starts again the directory must hold whole steps, in order, and all that were acted upon.
 */
export async function checkpointStory(stage: Stage): Promise<void> {
  const { sim } = stage;
  const machine = sim.machine();
  await leaveSegment(stage, machine);
  const progress: Progress = { begun: 0, durable: 0, ended: false };
  let node: SimNode;
  stage.watch(machine, { pid: () => node.pid, kill: () => sim.kill(node) });
  do {
    stage.up();
    node = sim.boot(machine);
    live(stage, { node, progress }).catch((error: unknown) => {
      stage.fail(whatFailed(error, 'R12: the checkpoints cannot be used'));
      progress.ended = true;
    });
    await sim.until(() => stage.down || progress.ended, LASTS_MS_MAX);
  } while (stage.down);
  machine.disk.crashAt = undefined;
  stage.check();
  if (node.alive) sim.kill(node);
  await checkRest(stage, machine);
}

/** Of an agent that has lived for long, and has nothing to tell. */
async function leaveSegment({ sim }: Stage, machine: Machine): Promise<void> {
  const node = sim.boot(machine);
  const { disk } = node.runtime;
  const leave = async (): Promise<void> => {
    await makeDurableDirectory(disk, ROOT);
    const segment = await Segment.create(disk, segmentPath(ROOT, FIRST_SEGMENT), 0);
    await segment.close();
  };
  await sim.complete(leave());
  sim.kill(node);
}

/** Recovers, goes on where the lives before have stopped, and ends cleanly. */
async function live(
  stage: Stage,
  { node, progress }: { readonly node: SimNode; readonly progress: Progress },
): Promise<void> {
  const { runtime, machine } = node;
  const { disk, host } = runtime;
  const recovered = await recoverJournal({
    disk,
    bootId: host.bootId,
    metaDirectory: ROOT,
    strict: true,
  });
  const first = stepsIn(machine, progress);
  progress.begun = progress.durable = first;
  const onFatal = (error: unknown): void => stage.fail(`R12: the journal failed: ${String(error)}`);
  const journal = new DiskJournal({ runtime, metaDirectory: ROOT, recovered, onFatal });
  for (const { run, pauseMs } of LIFE.slice(first)) {
    progress.begun += 1;
    const step = progress.begun;
    journal.after(run({ journal, directory: ROOT }), () => {
      progress.durable = Math.max(progress.durable, step);
    });
    const waitMs = pauseMs ?? PAUSES_MS[step % PAUSES_MS.length] ?? 0;
    await new Promise<void>((resolve) => void runtime.clock.timer(waitMs, resolve));
  }
  await journal.close();
  progress.ended = true;
}

/** How many steps the plain files hold. */
function stepsIn(machine: Machine, { durable, begun }: Progress): number {
  const tree = describeTree(treeOf(machine.disk.fileSystem, ROOT));
  for (let steps = durable; steps <= begun; steps += 1) if (STATES[steps] === tree) return steps;
  const known = STATES.lastIndexOf(tree);
  const what = known < 0 ? 'no whole steps' : `${known} steps`;
  throw new Violation(
    `R4: of ${begun} steps ${durable} were acted upon, and ${what} are left:\n${tree}`,
  );
}

/** Nothing is left of the journal, another recovery changes nothing, and no checkpoint is damaged. */
async function checkRest({ sim }: Stage, machine: Machine): Promise<void> {
  const tree = describeTree(treeOf(machine.disk.fileSystem, ROOT));
  if (tree !== STATES.at(-1)) throw new Violation(`R3: in the end there is:\n${tree}`);
  if (machine.disk.fileSystem.exists(`${ROOT}/journal`))
    throw new Violation('R3: a clean stop has left a journal');
  const node = sim.boot(machine);
  const { disk, host } = node.runtime;
  const options = { disk, bootId: host.bootId, metaDirectory: ROOT, strict: true };
  const { commits } = await sim.complete(recoverJournal(options));
  if (commits > 0) throw new Violation(`R3: a clean stop has left ${commits} commits`);
  await sim.complete(recoverState(options));
  if (describeTree(treeOf(machine.disk.fileSystem, ROOT)) !== tree)
    throw new Violation('R3: recovering once more has changed the checkpoints');
}
