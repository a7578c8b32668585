import { dispatch, ProcessManager } from '../../../libprocess/index.ts';
import type { Machine, SimNode } from '../../../libprocess/sim/index.ts';
import { LocalLogStorage, RegistrarProcess } from '../../../master/registrar/index.ts';
import { startMaster } from '../../../master/start-master.ts';
import type { MasterInfo } from '../../../proto/index.ts';
import { masterOn } from '../../../testing/cluster-state.ts';
import { Violation, whatFailed, type Stage } from '../stage.ts';
import { describePlaces, PLACES, placesIn, REGISTRY_LIFE, type Places } from './registry-life.ts';

const DIRECTORY = '/var/lib/mesos/master';
const MASTER: MasterInfo = { id: 'm1', ip: 16_777_343, port: 5_050 };
const ADDRESS = '10.0.0.1:5050';
/** Short, so that the log is written anew in the midst of the story. */
const COMPACT_BYTES_MIN = 500;
/** Less than a write takes, so that some operations gather while another is stored. */
const PAUSES_MS = [0.3, 4, 0.3, 0.3, 6];
const LASTS_MS_MAX = 120_000;

interface Progress {
  begun: number;
  /** Answered, or found by a recovery. */
  durable: number;
  epoch: number;
  ended: boolean;
}

const open = ({ runtime }: SimNode): Promise<LocalLogStorage> =>
  LocalLogStorage.open({
    disk: runtime.disk,
    random: runtime.random,
    directory: DIRECTORY,
    compactBytesMin: COMPACT_BYTES_MIN,
  });

/**
 * A registrar on the log of a single master, through every operation there is: what was answered is
 * there when it starts again (G1), whole and in order (G3, G4), under an epoch that grows (M1).
 */
export async function registryStory(stage: Stage): Promise<void> {
  const { sim } = stage;
  const machine = sim.machine();
  const progress: Progress = { begun: 0, durable: 0, epoch: 0, ended: false };
  let node: SimNode;
  stage.watch(machine, { pid: () => node.pid, kill: () => sim.kill(node) });
  do {
    stage.up();
    node = sim.boot(machine);
    live(stage, node, progress).catch((error: unknown) => {
      stage.fail(whatFailed(error, 'G4: the registry cannot be used'));
      progress.ended = true;
    });
    await sim.until(() => stage.down || progress.ended, LASTS_MS_MAX);
  } while (stage.down);
  machine.disk.crashAt = undefined;
  stage.check();
  if (node.alive) sim.kill(node);
  await checkMaster(stage, machine);
}

async function live(stage: Stage, node: SimNode, progress: Progress): Promise<void> {
  const { runtime } = node;
  const storage = await open(node);
  const manager = new ProcessManager({ runtime, address: ADDRESS });
  const onFatal = (error: Error): void => stage.fail(`R12: the registrar failed: ${error.message}`);
  const registrar = manager.spawn(new RegistrarProcess({ storage, onFatal }));
  const registry = await dispatch(registrar, 'recover', MASTER);
  const epoch = registry.epoch ?? 0;
  if (epoch <= progress.epoch) throw new Violation(`M1: epoch ${epoch} after ${progress.epoch}`);
  progress.epoch = epoch;
  const first = stepsIn(placesIn(registry), progress);
  progress.begun = progress.durable = first;
  for (const [index, { operation }] of [...REGISTRY_LIFE.entries()].slice(first)) {
    progress.begun = index + 1;
    dispatch(registrar, 'apply', operation).onReady(({ kind }) => {
      if (kind === 'refused') stage.fail(`G1: '${operation.name}' was refused`);
      progress.durable = Math.max(progress.durable, index + 1);
    });
    const pauseMs = PAUSES_MS[index % PAUSES_MS.length] ?? 0;
    await new Promise<void>((resolve) => void runtime.clock.timer(pauseMs, resolve));
  }
  // The last is answered after all others, or never if a crash is faster.
  while (progress.durable < REGISTRY_LIFE.length) {
    await new Promise<void>((resolve) => void runtime.clock.timer(1, resolve));
  }
  await storage[Symbol.asyncDispose]();
  progress.ended = true;
}

/** How many operations the registry holds. */
function stepsIn(found: Places, { durable, begun }: Progress): number {
  const there = describePlaces(found);
  for (let steps = durable; steps <= begun; steps += 1) {
    if (describePlaces(PLACES[steps] ?? new Map()) === there) return steps;
  }
  throw new Violation(`G1: of ${begun} operations ${durable} were answered, and left is: ${there}`);
}

/** A whole master that starts on what is left knows the agents that were admitted. */
async function checkMaster({ sim }: Stage, machine: Machine): Promise<void> {
  const node = sim.boot(machine);
  const storage = await sim.complete(open(node));
  const manager = new ProcessManager({ runtime: node.runtime, address: ADDRESS });
  const failures: string[] = [];
  startMaster({ node: manager, storage, onFailure: (reason) => failures.push(reason) });
  await sim.advance(1_000);
  const known = [...(masterOn(manager)?.state?.agents.recovered.keys() ?? [])].sort();
  const expected = [...(PLACES.at(-1) ?? [])]
    .filter(([, place]) => place.startsWith('admitted'))
    .map(([id]) => id);
  if (known.join() !== expected.sort().join() || failures.length > 0)
    throw new Violation(`M4: a new master knows of ${known.join()} ${failures.join()}`);
}
