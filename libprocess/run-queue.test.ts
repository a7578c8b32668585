import { beforeEach, describe, expect, test } from '@jest/globals';
import { RunQueue, type Runnable } from './run-queue.ts';
import { Simulation } from './sim/index.ts';

let scheduled: (() => void)[];
let log: string[];
let queue: RunQueue;
beforeEach(() => {
  scheduled = [];
  log = [];
  const { runtime } = new Simulation().node();
  queue = new RunQueue({ ...runtime, schedule: (thunk) => void scheduled.push(thunk) });
  queue.onSliceEnd = () => log.push('flush');
});

/** Has one piece of work, each time it is pushed. */
const worker = (name: string): Runnable => ({
  nextRunnable: undefined,
  runSome: () => {
    log.push(name);
    return 1;
  },
});

function turn(): void {
  for (const thunk of scheduled.splice(0)) thunk();
}

describe('a run queue', () => {
  test('runs what was pushed in a later turn, all in one slice', () => {
    queue.push(worker('a'));
    queue.push(worker('b'));
    expect(log).toEqual([]);
    turn();
    expect(log).toEqual(['a', 'b', 'flush']);
    expect(scheduled).toEqual([]);
  });

  test('ends a slice for whoever asks, though nobody has work, once a turn', () => {
    queue.ensureSlice();
    queue.ensureSlice();
    turn();
    expect(log).toEqual(['flush']);
  });

  test('runs what the first event of a turn brings at once', () => {
    queue.runNow(() => {
      log.push('event');
      queue.push(worker('a'));
    });
    expect(log).toEqual(['event', 'a', 'flush']);
  });

  test('lets what further events of that turn bring wait for its slice', () => {
    queue.runNow(() => queue.push(worker('a')));
    queue.runNow(() => queue.push(worker('b')));
    queue.runNow(() => queue.push(worker('c')));
    expect(log).toEqual(['a', 'flush']);
    turn();
    expect(log).toEqual(['a', 'flush', 'b', 'c', 'flush']);
    turn();
    queue.runNow(() => queue.push(worker('d')));
    expect(log.slice(-2)).toEqual(['d', 'flush']);
  });

  test('lets an event wait for work that is there already', () => {
    queue.push(worker('a'));
    queue.runNow(() => queue.push(worker('b')));
    expect(log).toEqual([]);
    turn();
    expect(log).toEqual(['a', 'b', 'flush']);
  });

  test('goes back to the event loop in time, however much an event brings', () => {
    const endless: Runnable = {
      nextRunnable: undefined,
      runSome: (quantum) => {
        queue.push(endless);
        handled += quantum;
        return quantum;
      },
    };
    let handled = 0;
    queue.runNow(() => queue.push(endless));
    expect(handled).toBe(2_048);
    expect(scheduled).toHaveLength(1);
  });

  test('goes on after an event that threw', () => {
    queue.push(worker('a'));
    turn();
    expect(() =>
      queue.runNow(() => {
        queue.push(worker('b'));
        throw new Error('broken');
      }),
    ).toThrow('broken');
    turn();
    expect(log).toEqual(['a', 'flush', 'b', 'flush']);
  });
});
