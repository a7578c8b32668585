import { afterEach, describe, expect, test } from '@jest/globals';
import {
  after,
  delay,
  dispatch,
  Process,
  tell,
  type PID,
  type ProcessManager,
  type UPID,
} from '../../libprocess/index.ts';
import { ActorTestError } from '../assertions/actor-test-error.ts';
import { assertions } from '../assertions/assertions.ts';
import { Filters } from '../filters/filters.ts';
import { TestClock } from './test-clock.ts';

class Watch extends Process {
  readonly times: number[] = [];
  readonly heard: string[] = [];
  readonly clock: TestClock;
  #left = 0;

  constructor(clock: TestClock, id = 'watch') {
    super(id);
    this.clock = clock;
    this.installRaw('time', () => this.note());
  }
  note(): number {
    const now = this.clock.now();
    this.times.push(now);
    return now;
  }
  tickEvery(ms: number, count: number): void {
    this.#left = count;
    this.delay(ms, () => {
      this.note();
      if (this.#left > 1) this.tickEvery(ms, this.#left - 1);
    });
  }
  tellTime(to: UPID): void {
    this.post(to, 'time', new Uint8Array());
  }
  forward(to: PID<Watch>): void {
    tell(to, 'note');
  }
  wallClock(): number {
    return this.runtime.clock.now();
  }
  watchOf(to: UPID): void {
    this.link(to);
  }
  protected override exited(upid: UPID): void {
    this.heard.push(upid.id);
  }
}

let clock: TestClock;
afterEach(() => clock[Symbol.asyncDispose]());

const worlds = [
  ['of a simulation', () => TestClock.simulated()],
  ['of real nodes', () => TestClock.real()],
] as const;

describe.each(worlds)('a clock %s', (_name, make) => {
  async function stage(): Promise<{
    node: ProcessManager;
    watch: Watch;
    pid: PID<Watch>;
    began: number;
  }> {
    clock = make();
    const node = await clock.startNode();
    const watch = new Watch(clock);
    const pid = node.spawn(watch);
    clock.pause();
    await clock.settle();
    return { node, watch, pid, began: clock.now() };
  }

  test('lets timers fire when they are due and not before [b808dd1]', async () => {
    const { watch, pid, began } = await stage();
    delay(5_000, pid, 'note');
    await clock.advance(4_999);
    expect(watch.times).toEqual([]);
    await clock.advance(1);
    expect(watch.times).toEqual([began + 5_000]);
    expect(clock.settled).toBe(true);
  });

  test('fires each timer at its own time, however far it moves at once', async () => {
    const { watch, pid, began } = await stage();
    tell(pid, 'tickEvery', 1_000, 3);
    await clock.advance('1hrs');
    expect(watch.times).toEqual([1_000, 2_000, 3_000].map((ms) => began + ms));
    expect(clock.now()).toBe(began + 3_600_000);
  });

  test('takes along wall time, futures of timers and cancelled ones', async () => {
    const { pid } = await stage();
    const before = dispatch(pid, 'wallClock');
    const cancelled = delay(1_000, pid, 'note');
    cancelled[Symbol.dispose]();
    await clock.advance('1days');
    const later = dispatch(pid, 'wallClock');
    await clock.settle();
    expect(later.value - before.value).toBe(86_400_000);
  });

  test('settles only when nothing is left to do [93671e0]', async () => {
    const { watch, pid } = await stage();
    const other = (await clock.startNode()).spawn(new Watch(clock, 'other'));
    // To another node and back, through sockets.
    tell(pid, 'tellTime', other);
    tell(other, 'tellTime', pid);
    tell(pid, 'forward', other);
    await clock.settle();
    expect(watch.times).toHaveLength(1);
    expect(dispatch(other, 'note').isPending).toBe(true);
    expect(clock.settled).toBe(false);
  });

  test('says so if something sets timers for ever that are due at once', async () => {
    class Spinning extends Process {
      spin(): void {
        this.delay(0, () => this.spin());
      }
    }
    const { node } = await stage();
    const pid = node.spawn(new Spinning('spinning'));
    tell(pid, 'spin');
    await expect(clock.settle()).rejects.toMatchObject({ code: 'NEVER' });
    await expect(clock.advance(1)).rejects.toThrow(/10001 timers were due, .* without any time/);
    node.terminate(pid);
  });

  test('moves a process only when it is told something, and then to its teller [3730392]', async () => {
    const { node, watch, pid, began } = await stage();
    await clock.advance(1_000);
    expect(clock.now(pid)).toBe(began);
    const late = clock.now();
    const second = node.spawn(new Watch(clock, 'second'));
    expect(clock.now(second)).toBe(began);
    tell(second, 'forward', pid);
    await clock.settle();
    expect([clock.now(second), clock.now(pid)]).toEqual([late, late]);
    expect(watch.times).toEqual([late]);
  });

  test('moves one process alone, and those it speaks to', async () => {
    const { pid, began } = await stage();
    const node = await clock.startNode();
    const second = node.spawn(new Watch(clock, 'second'));
    const third = node.spawn(new Watch(clock, 'third'));
    await clock.advance(500, second);
    clock.order(pid, second); // Not back.
    expect([clock.now(), clock.now(second), clock.now(third)]).toEqual([began, began + 500, began]);
    clock.order(second, third);
    expect(clock.now(third)).toBe(began + 500);
    await clock.update(began + 700, third);
    tell(third, 'forward', second);
    await clock.settle();
    expect([clock.now(second), clock.now(pid)]).toEqual([began + 700, began]);
  });

  test('goes on when it is resumed, with what is due by then', async () => {
    const { watch, pid, began } = await stage();
    delay(1_000, pid, 'note');
    await clock.advance(990);
    clock.resume();
    expect(clock.paused).toBe(false);
    await clock.waitUntil(() => watch.times.length > 0, 10_000);
    expect(watch.times[0]).toBeGreaterThanOrEqual(began + 1_000);
  });

  test('sets itself forward, and not back', async () => {
    const { watch, pid, began } = await stage();
    delay(2_000, pid, 'note');
    await clock.update(began + 2_000);
    expect(watch.times).toEqual([began + 2_000]);
    await expect(clock.update(began)).rejects.toMatchObject({
      code: 'MISUSE',
      message: `Failed to set the clock to ${began}: it is ${began + 2_000} already`,
    });
  });

  test('keeps connections of nodes that are silent for a day', async () => {
    const { watch, pid } = await stage();
    const node = await clock.startNode();
    const other = node.spawn(new Watch(clock, 'other'));
    tell(pid, 'watchOf', other);
    await clock.settle();
    await clock.advance('1days');
    tell(other, 'tellTime', pid);
    await clock.settle();
    expect([watch.heard, watch.times.length]).toEqual([[], 1]);
    node.terminate(other);
    await clock.settle();
    expect(watch.heard).toEqual(['other']);
  });

  test('refuses what only a paused clock can do', async () => {
    const { pid } = await stage();
    clock.resume();
    const refused = { code: 'MISUSE', message: expect.stringContaining('pause() it first') };
    await expect(clock.advance(1)).rejects.toMatchObject(refused);
    await expect(clock.update(1)).rejects.toMatchObject(refused);
    await expect(clock.settle()).rejects.toMatchObject(refused);
    expect(() => clock.order(pid, pid)).toThrow(expect.objectContaining(refused));
    expect(() => clock.settled).toThrow(ActorTestError);
    clock.pause();
    await expect(clock.advance(-1)).rejects.toThrow('time goes forward');
    const [one, other] = [clock.advance(1), clock.advance(1)];
    await expect(other).rejects.toThrow('await each call before the next');
    expect(() => clock.resume()).toThrow('Failed to resume: the clock moves');
    await one;
  });

  test('waits for a future while its time stands still', async () => {
    const { node, pid, began } = await stage();
    const { awaitReady, awaitDiscarded } = assertions(clock);
    expect(await awaitReady(dispatch(pid, 'note'))).toBe(began);
    const timer = after(node.runtime.clock, 1_000);
    await expect(awaitReady(timer, { within: 20 })).rejects.toMatchObject({ code: 'NEVER' });
    expect(clock.now()).toBe(began);
    timer.discard();
    await awaitDiscarded(timer);
  });

  test('is told of by filters, in the order of time', async () => {
    const { node, watch, pid, began } = await stage();
    using filters = new Filters(node);
    const call = filters.futureDispatch(pid, 'note');
    delay(1_000, pid, 'note');
    await clock.advance(2_000);
    expect(call.future.isReady).toBe(true);
    expect(watch.times).toEqual([began + 1_000]);
  });
});
