import { describe, expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../future.ts';
import { tell } from '../dispatch.ts';
import { Process } from '../process.ts';
import { ProcessManager } from '../process-manager.ts';
import { Simulation } from '../sim/index.ts';
import { after } from './after.ts';
import { Break, Continue, loop } from './loop.ts';
import { Queue } from './queue.ts';

describe('a loop', () => {
  test('goes round until its body breaks, without using up the stack [631a5db]', () => {
    let round = 0;
    const end = loop(
      () => (round += 1),
      (count) => (count === 1_000_000 ? Break('done') : Continue()),
    );
    expect([end.value, round]).toEqual(['done', 1_000_000]);
  });

  test('waits for what it iterates and for its body [e91c419]', () => {
    const queue = new Queue<number>();
    let sum = 0;
    const end = loop(
      () => queue.get(),
      (value) => {
        sum += value;
        return Future.ready(value === 3 ? Break(sum) : Continue());
      },
    );
    for (const value of [1, 2]) queue.put(value);
    expect(end.isPending).toBe(true);
    queue.put(3);
    expect(end.value).toBe(6);
  });

  test('hands a discard request to what it iterates, and ends [a940c8c]', () => {
    const queue = new Queue<number>();
    const end = loop(
      () => queue.get(),
      () => Continue(),
    );
    queue.put(1);
    end.discard();
    expect(end.isDiscarded).toBe(true);
  });

  test('hands a discard request to its body, and ends [74dc9ca]', () => {
    const body = new FuturePromise<ReturnType<typeof Continue>>();
    body.future.onDiscard(() => body.discard());
    const end = loop(
      () => 1,
      () => body.future,
    );
    end.discard();
    expect([body.future.isDiscarded, end.isDiscarded]).toEqual([true, true]);
  });

  test.each([undefined, null, {}, 'break', { kind: 'Break' }])(
    'fails if its body answers %j, with and without a process',
    async (answer) => {
      const sim = new Simulation();
      const { runtime } = sim.node();
      const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
      const pid = node.spawn(new (class extends Process {})('looping'));
      const body = (): ReturnType<typeof Continue> => answer as never;
      const loops = [loop(() => 1, body), loop(pid, () => 1, body)];
      await sim.settle();
      for (const { error } of loops) {
        expect(error).toMatchObject({ code: 'INVALID_CONTROL_FLOW' });
        expect(String(error)).toMatch('its body returned neither Continue() nor Break(value)');
      }
    },
  );

  test('fails when either throws, and is abandoned when either is', () => {
    const failing = loop(
      () => {
        throw new RangeError('no');
      },
      () => Continue(),
    );
    expect(failing.isFailed).toBe(true);
    const left = loop(
      () => Future.abandoned<number>('gone'),
      () => Continue(),
    );
    expect([left.isAbandoned, left.whyAbandoned]).toEqual([true, 'gone']);
  });
});

describe('a loop in a process', () => {
  class Looping extends Process {
    readonly turns: string[] = [];
    note(text: string): void {
      this.turns.push(text);
    }
  }
  const world = () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    const looping = new Looping('looping');
    return { sim, node, looping, pid: node.spawn(looping), clock: runtime.clock };
  };

  test('runs in its turns, with other events between the rounds', async () => {
    const { sim, looping, pid } = world();
    let rounds = 0;
    const end = loop(
      pid,
      () => (rounds += 1),
      (round) => {
        looping.turns.push(`round ${round}`);
        return round === 3 ? Break(round) : Continue();
      },
    );
    tell(pid, 'note', 'other');
    expect(rounds).toBe(0);
    await sim.advance(0);
    expect(looping.turns).toEqual(['round 1', 'other', 'round 2', 'round 3']);
    expect(end.value).toBe(3);
  });

  test('runs its body there, too, when what it iterates takes time; a discard ends it', async () => {
    const { sim, pid, clock } = world();
    let rounds = 0;
    const end = loop(
      pid,
      () => after(clock, '1s'),
      () => {
        rounds += 1;
        return Continue();
      },
    );
    await sim.advance(3_500);
    end.discard();
    await sim.advance(10_000);
    expect([rounds, end.isDiscarded]).toEqual([3, true]);
  });

  test('is abandoned when the process ends, whatever it waits for', async () => {
    const { sim, node, pid } = world();
    const never = new FuturePromise<number>();
    const ends = [
      loop(
        pid,
        () => never.future,
        () => Continue(),
      ),
      loop(
        pid,
        () => 1,
        () => never.future.then(() => Continue()),
      ),
    ];
    await sim.advance(0);
    node.terminate(pid);
    await sim.advance(0);
    expect(ends.map(({ isAbandoned }) => isAbandoned)).toEqual([true, true]);
  });
});
