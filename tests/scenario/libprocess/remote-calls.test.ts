import { describe, expect, test } from '@jest/globals';
import { Counter, counter } from '../../../examples/counter.ts';
import {
  callRemote,
  callUntyped,
  protocol,
  RemoteProcess,
  shape,
  startNode,
  UPID,
  type ProcessManager,
} from '../../../libprocess/index.ts';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';

const DEADLINE_MS = 5_000;

async function boot(sim: Simulation): Promise<{ os: SimNode; node: ProcessManager }> {
  const os = sim.node();
  const starting = startNode({ runtime: os.runtime, ip: os.machine.ip, port: 5050 });
  return { os, node: await sim.complete(starting) };
}

async function pair(): Promise<{
  sim: Simulation;
  here: ProcessManager;
  there: { os: SimNode; node: ProcessManager };
  to: UPID;
}> {
  const sim = new Simulation();
  const there = await boot(sim);
  const { node: here } = await boot(sim);
  const pid = there.node.spawn(new Counter());
  return { sim, here, there, to: new UPID(pid.id, pid.address) };
}

const untyped = (to: UPID, method: string, args: unknown[]) => ({
  to,
  method,
  args,
  deadlineMs: DEADLINE_MS,
});

describe('a call of a process on another node', () => {
  test('runs the method there and brings its result, in order', async () => {
    const { sim, here, to } = await pair();
    const calls = [1, 2, 3].map((by) =>
      callRemote(here, counter, { to, method: 'increment', args: [by], deadlineMs: DEADLINE_MS }),
    );
    expect(await sim.complete(Promise.all(calls))).toEqual([1, 3, 6]);
    await sim.advance(100);
    expect([...here.processes()].some(({ pid }) => pid.id.startsWith('__call__'))).toBe(false);
  });

  test.each([
    ['a method that is not served', 'finalize', [], 'NO_SUCH_METHOD'],
    ['a public method that is not in the protocol', 'constructor', [], 'NO_SUCH_METHOD'],
    ['an argument of another type', 'increment', ['1'], 'BAD_ARGUMENTS'],
    ['a missing argument', 'increment', [], 'BAD_ARGUMENTS'],
    ['an argument too many', 'value', [1], 'BAD_ARGUMENTS'],
  ])('with %s fails with its reason', async (...[, method, args, code]) => {
    const { sim, here, to } = await pair();
    const call = callUntyped(here, untyped(to, method, args));
    await expect(sim.complete(call)).rejects.toMatchObject({ code });
  });

  test('of a process that does not exist fails at once', async () => {
    const { sim, here, to } = await pair();
    const call = callUntyped(here, untyped(new UPID('nobody', to.address), 'value', []));
    await expect(sim.complete(call, 100)).rejects.toMatchObject({ code: 'EXITED' });
  });

  test('over a partition fails at its deadline, not later', async () => {
    const { sim, here, there, to } = await pair();
    sim.network.isolate(there.os.machine.ip);
    const call = callUntyped(here, { ...untyped(to, 'value', []), deadlineMs: 700 });
    await expect(sim.complete(call, 701)).rejects.toMatchObject({ code: 'DEADLINE' });
  });

  test('that fails there brings the message of the error', async () => {
    const failing = protocol({ fail: { args: [], returns: shape.nothing } });
    class Failing extends RemoteProcess {
      constructor() {
        super('failing');
        this.serve(failing, {
          fail: () => Promise.reject(new Error('Failed to fail well')),
        });
      }
    }
    const { sim, here, there } = await pair();
    const { id, address } = there.node.spawn(new Failing());
    const call = callUntyped(here, untyped(new UPID(id, address), 'fail', []));
    await expect(sim.complete(call)).rejects.toMatchObject({
      code: 'FAILED',
      message: `Failed to call 'fail' of 'failing@${address}': Failed to fail well`,
    });
  });
});
