import { describe, expect, test } from '@jest/globals';
import {
  awaitAll,
  collect,
  dispatch,
  Mutex,
  Once,
  Process,
  ProcessManager,
  Sequence,
  tell,
  undiscardable,
  type PID,
} from '../index.ts';
import { Simulation } from '../sim/index.ts';

describe('what a process makes of several futures, or lets run in turn', () => {
  class Joining extends Process {
    readonly #sequence = new Sequence();
    add(a: number): number {
      return a + 1;
    }
    fails(): number {
      throw new RangeError('no');
    }
    /** All that follows from calls of its own, with callbacks that throw. */
    join(pid: PID<Joining>): void {
      const throws = (): void => {
        throw new RangeError('no');
      };
      collect([dispatch(pid, 'add', 1)]).onReady(throws);
      awaitAll([dispatch(pid, 'add', 1)]).onReady(throws);
      undiscardable(dispatch(pid, 'add', 1)).onReady(throws);
      this.#sequence.add(() => dispatch(pid, 'add', 1)).onReady(throws);
      new Mutex().run(() => dispatch(pid, 'add', 1)).onReady(throws);
      new Once<number>().run(() => dispatch(pid, 'add', 1)).onReady(throws);
    }
    swallow(pid: PID<Joining>): void {
      void collect([dispatch(pid, 'add', 1), dispatch(pid, 'fails')]);
      void this.#sequence.add(() => dispatch(pid, 'fails'));
    }
  }

  test('is heard of by its node, and by nobody else', async () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    const pid = node.spawn(new Joining('joining'));
    tell(pid, 'join', pid);
    await sim.advance(10);
    // An unhandled rejection would have failed this test.
    expect([node.counters.faults, node.has('joining')]).toEqual([6, true]);
    tell(pid, 'swallow', pid);
    await sim.advance(10);
    expect(node.counters.unobservedFailures).toBe(2);
  });
});
