import type { Machine } from '../../libprocess/sim/machine.ts';
import type { Cluster } from '../../testing/cluster.ts';

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

/** Where processes of tasks and executors live. */
export function sandboxesInUse({ processes }: Machine): readonly string[] {
  return processes.list().flatMap(({ pid, state }) => {
    const process = state === 'Z' ? undefined : processes.get(pid);
    return process?.image.environment['MESOS_SANDBOX'] ?? [];
  });
}
