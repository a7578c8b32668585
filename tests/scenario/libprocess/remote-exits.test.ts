import { expect, test } from '@jest/globals';
import { Process, startNode, type ExitReason, type UPID } from '../../../libprocess/index.ts';
import { Simulation } from '../../../libprocess/sim/index.ts';

class Worker extends Process {
  fail(): void {
    throw new RangeError('cracked');
  }
}

class Linker extends Process {
  readonly exits: string[] = [];
  readonly #to: readonly UPID[];
  constructor(to: readonly UPID[]) {
    super('linker');
    this.#to = to;
  }
  protected override initialize(): void {
    for (const each of this.#to) this.link(each);
  }
  protected override exited({ id }: UPID, reason: ExitReason): void {
    this.exits.push(`${id} ${reason}`);
  }
}

test('whoever has linked a process of another node hears whether it failed, ended or is lost', async () => {
  const sim = new Simulation();
  const boot = async () => {
    const { runtime, machine } = sim.node();
    return sim.complete(startNode({ runtime, ip: machine.ip }));
  };
  const [here, there] = [await boot(), await boot()];
  const failing = new Worker('failing');
  const pids = ['ending', 'living'].map((id) => there.spawn(new Worker(id)));
  const failed = there.spawn(failing);
  const linker = new Linker([...pids, failed]);
  here.spawn(linker);
  await sim.advance(1_000);
  expect(linker.exits).toEqual([]);

  there.post(failed, () => {
    failing.fail();
  });
  await sim.advance(1_000);
  if (pids[0]) there.terminate(pids[0]);
  await sim.advance(1_000);
  expect(linker.exits).toEqual(['failing failed', 'ending ended']);
  await sim.complete(there[Symbol.asyncDispose]());
  await sim.advance(60_000);
  expect(linker.exits).toHaveLength(3);
  expect(linker.exits[2]).toMatch(/^living (ended|lost)$/);
});
