import { describe, expect, test } from '@jest/globals';
import { DiskJournal, recoverJournal, type WritePoint } from '../../agent/journal/index.ts';
import { recoverState } from '../../agent/state/index.ts';
import type { Disk } from '../../libprocess/disk.ts';
import type { Machine, Simulation, SimNode } from '../../libprocess/sim/index.ts';
import {
  fold,
  life,
  operationsOf,
  ROOT,
} from '../../simulation/crash-matrix/checkpoints/checkpoint-life.ts';
import { forEachSeed } from './for-each-seed.ts';

const LIFE = life();
const OPERATIONS = LIFE.map((step) => operationsOf(step));
/** What the directory holds after each number of steps. */
const STATES = Array.from({ length: LIFE.length + 1 }, (_, steps) =>
  describeTree(fold(OPERATIONS.slice(0, steps).flatMap((all) => all.map(({ op }) => op)))),
);

function describeTree(tree: ReadonlyMap<string, string>): string {
  return [...tree].map(([path, contents]) => `${path}: ${contents}`).join('\n');
}

async function read(disk: Disk, path: string, into: Map<string, string>): Promise<void> {
  for (const { name, kind } of await disk.readDirectory(path)) {
    const each = `${path}/${name}`;
    const relative = each.slice(ROOT.length + 1);
    if (kind === 'symlink') into.set(relative, `link to ${await disk.readLink(each)}`);
    else if (kind === 'directory') into.set(relative, 'directory');
    else into.set(relative, Buffer.from(await disk.readFile(each)).toString('hex'));
    if (kind === 'directory') await read(disk, each, into);
  }
}

/** The directory as `fold` gives it; the journal and left-over temporary files are no part of it. */
async function treeOf(disk: Disk): Promise<string> {
  const into = new Map<string, string>();
  await read(disk, ROOT, into);
  const entries = [...into].filter(([path]) => !/^journal(\/|$)|\.tmp$/.test(path));
  return describeTree(new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const onFatal = (error: unknown): never => {
  throw error;
};

const recovery = ({ runtime }: SimNode) =>
  recoverJournal({
    disk: runtime.disk,
    bootId: runtime.host.bootId,
    metaDirectory: ROOT,
    strict: true,
  });

/** Recovers, and ends cleanly. */
async function recoverAndClose(node: SimNode): Promise<void> {
  const recovered = await recovery(node);
  const { runtime } = node;
  await new DiskJournal({ runtime, metaDirectory: ROOT, recovered, onFatal }).close();
}

/** How far a life got. */
interface Progress {
  begun: number;
  durable: number;
}

async function live(node: SimNode, progress: Progress): Promise<void> {
  const { runtime } = node;
  const recovered = await recovery(node);
  const journal = new DiskJournal({ runtime, metaDirectory: ROOT, recovered, onFatal });
  for (const { run, pauseMs = 0 } of LIFE) {
    progress.begun += 1;
    const lsn = run({ journal, directory: ROOT });
    await new Promise<void>((resolve) => journal.after(lsn, resolve));
    progress.durable += 1;
    await new Promise<void>((resolve) => void runtime.clock.timer(pauseMs, resolve));
  }
  await journal.close();
}

interface Crash {
  readonly by: 'kill' | 'power';
  /** Counts the operations of the disk from here on. */
  readonly at: number;
}

/** Ends `node` when its disk comes to that operation. */
function crash(sim: Simulation, node: SimNode, { by, at }: Crash): void {
  const { disk } = node.machine;
  const last = disk.operations + at;
  disk.onOperation = ({ ordinal }) => {
    if (ordinal !== last) return;
    if (by === 'power') sim.reboot(node.machine);
    else sim.kill(node);
  };
}

async function crashedLife(sim: Simulation, machine: Machine, how: Crash) {
  const node = sim.boot(machine);
  const progress: Progress = { begun: 0, durable: 0 };
  crash(sim, node, how);
  void live(node, progress);
  await sim.advance(120_000);
  machine.disk.onOperation = undefined;
  const crashed = !node.alive;
  if (!crashed) sim.kill(node);
  return { progress, crashed };
}

/** Recovers, perhaps through a crash in the midst of it. */
async function recovered(sim: Simulation, machine: Machine, by: Crash['by']): Promise<Disk> {
  const first = sim.boot(machine);
  crash(sim, first, { by, at: sim.random.between(1, 120) });
  void recoverAndClose(first);
  await sim.advance(10_000);
  machine.disk.onOperation = undefined;
  if (first.alive) sim.kill(first);
  const second = sim.boot(machine);
  await sim.complete(recovery(second));
  return second.runtime.disk;
}

/** What a power cut leaves of what was recovered and not yet synced, recovered once more for good. */
async function recoveredAgain(sim: Simulation, machine: Machine): Promise<Disk> {
  sim.reboot(machine);
  const third = sim.boot(machine);
  await sim.complete(recoverAndClose(third));
  return third.runtime.disk;
}

/** Operations of a whole life, rounded up: beyond it there is no crash. */
const OPERATIONS_OF_A_LIFE = 330;

describe('a crash at any operation of an agent’s disk, and another in the recovery', () => {
  test.each(['kill', 'power'] as const)(
    'by %s leaves all that was acknowledged, and whole steps (R3, R4, U4, U5)',
    async (by) => {
      const name = `by ${by}`;
      const hit = new Set<WritePoint>();
      let survived = 0;
      await forEachSeed({ seeds: OPERATIONS_OF_A_LIFE, name }, async (sim) => {
        const machine = sim.machine();
        const at = 1 + sim.world.seed;
        const { progress, crashed } = await crashedLife(sim, machine, { by, at });
        if (!crashed) survived += 1;
        for (const { point } of OPERATIONS[progress.begun - 1] ?? []) hit.add(point);

        const tree = await sim.complete(treeOf(await recovered(sim, machine, by)));
        const possible = STATES.slice(progress.durable, progress.begun + 1);
        expect(possible).toContain(tree);
        const disk = await recoveredAgain(sim, machine);
        expect(await sim.complete(treeOf(disk))).toBe(tree);
        const again = { disk, bootId: machine.bootId, metaDirectory: ROOT, strict: true };
        expect(await sim.complete(recoverJournal(again))).toMatchObject({
          commits: 0,
          tornBytes: 0,
        });
        expect((await sim.complete(recoverState(again))).errors).toEqual([]);
      });
      const points = new Set(OPERATIONS.flatMap((all) => all.map(({ point }) => point)));
      expect([...hit].sort()).toEqual([...points].sort());
      expect(survived).toBeLessThan(OPERATIONS_OF_A_LIFE / 3);
      expect(survived).toBeGreaterThan(0); // Else a life has more operations than were tried.
    },
  );
});
