import type { Millis } from '../../../libprocess/clock.ts';
import type { Machine } from '../../../libprocess/sim/index.ts';
import type { FileSystem } from '../../../libprocess/sim/file-system/file-system.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { durabilityOf } from '../sim-durability.ts';

const SLAVES = '/var/lib/mesos/slaves';
/** What is kept no longer than this is gone at the end of a story. */
const KEPT_MS_MAX: Millis = 60_000;

export class SandboxError extends Error {
  readonly code = 'SANDBOX_VIOLATED';
}

/** R8: at the end only the sandboxes of what still runs are there. Wall clocks must have been left alone. */
export function checkCollected({ agents }: Cluster, gcDelayMs: Millis): void {
  if (gcDelayMs > KEPT_MS_MAX) return;
  for (const { machine } of agents) {
    const used = new Set(sandboxesInUse(machine));
    const left = sandboxesOn(machine).find((sandbox) => !used.has(sandbox));
    if (left !== undefined)
      throw new SandboxError(`R8: '${left}' is still there on ${machine.name}`);
  }
}

function sandboxesOn({ disk: { fileSystem } }: Machine): readonly string[] {
  return below(fileSystem, SLAVES)
    .flatMap((agent) => below(fileSystem, `${agent}/frameworks`))
    .flatMap((framework) => below(fileSystem, `${framework}/executors`))
    .flatMap((executor) => below(fileSystem, `${executor}/runs`));
}

function below(fileSystem: FileSystem, path: string): readonly string[] {
  try {
    return fileSystem
      .readDirectory(path)
      .filter(({ kind }) => kind === 'directory')
      .map(({ name }) => `${path}/${name}`);
  } catch {
    return []; // There is none.
  }
}

/** What an agent of a simulated cluster may remove from. */
const OWN = /^\/var\/(lib|run)\/mesos\//;

/** R7: agents remove what is theirs alone, and never what a process lives in. */
export function watchRemovals(cluster: Cluster, machine: Machine): void {
  machine.disk.onOperation = ({ kind, path }) => {
    if (kind !== 'remove') return;
    if (!OWN.test(path)) cluster.failures.push(`R7: '${path}' was removed`);
    const dweller = sandboxesInUse(machine).find((sandbox) => `${sandbox}/`.startsWith(`${path}/`));
    if (dweller !== undefined)
      cluster.failures.push(`R7: '${path}' was removed from under the process in '${dweller}'`);
  };
}

const SANDBOX = /^\/var\/lib\/mesos\/slaves\/([^/]+)\/./;

/** R6: an agent makes nothing under an id that a power cut could take from it. */
export function watchIds({ sim, failures }: Cluster, { disk, ip }: Machine): void {
  const { onOperation } = disk;
  const durable = new Set<string>();
  const isDurable = durabilityOf(sim);
  disk.onOperation = (operation) => {
    onOperation?.(operation);
    const id = operation.kind === 'directory' ? SANDBOX.exec(operation.path)?.[1] : undefined;
    if (id === undefined || durable.has(id)) return;
    if (isDurable(`${ip}:`, new TextEncoder().encode(id), id)) durable.add(id);
    else
      failures.push(`R6: '${operation.path}' is made, and the id of its agent is not on the disk`);
  };
}

/** Where processes of tasks and executors live. */
export function sandboxesInUse({ processes }: Machine): readonly string[] {
  const sandboxes: string[] = [];
  for (const { ended, image } of processes.all()) {
    const sandbox = ended ? undefined : image.environment['MESOS_SANDBOX'];
    if (sandbox !== undefined) sandboxes.push(sandbox);
  }
  return sandboxes;
}
