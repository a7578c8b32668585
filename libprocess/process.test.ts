import assert from 'node:assert/strict';
import { describe, expect, test } from '@jest/globals';
import {
  defer,
  delay,
  dispatch,
  Future,
  FuturePromise,
  Process,
  ProcessExistsError,
  ProcessManager,
  ref,
  tell,
  UPID,
} from './index.ts';
import { Simulation } from './sim/index.ts';

interface World {
  readonly sim: Simulation;
  readonly node: ProcessManager;
  readonly fatal: unknown[];
}

/** A node that listens nowhere, in virtual time. */
function world(): World {
  const sim = new Simulation();
  const fatal: unknown[] = [];
  const { runtime } = sim.node();
  const onFatal = (error: unknown): void => void fatal.push(error);
  return { sim, node: new ProcessManager({ runtime, address: '10.0.0.1:5050', onFatal }), fatal };
}

/** Lets everything run that can without time passing. */
const settle = (sim: Simulation): Promise<void> => sim.advance(0);

class Named extends Process {}

class Counter extends Process {
  readonly story: string[] = [];
  #count = 0;

  protected override initialize(): void {
    this.story.push('initialize');
  }
  protected override finalize(): void {
    this.story.push('finalize');
  }
  protected override exited(upid: UPID): void {
    this.story.push(`exited ${upid.id}${this.linked(upid) ? ', linked again' : ''}`);
  }
  add(by: number): number {
    this.story.push(`add ${by}`);
    return (this.#count += by);
  }
  later(promise: FuturePromise<number>): Future<number> {
    return promise.future.then((by) => this.#count + by);
  }
  watch(upid: UPID): void {
    this.link(upid);
  }
  /** Starts a process of that name, and links it. */
  succeed(id: string): void {
    this.link(this.node.spawn(new Counter(id)));
  }
  explode(error: Error): number {
    throw error;
  }
  wait(delayMs: number): Disposable {
    return this.delay(delayMs, () => this.story.push(`after ${delayMs}`));
  }
  deferred(text: string): () => void {
    return this.defer(() => this.story.push(text));
  }
  outside(work: () => number): Future<number> {
    return this.async(work);
  }
}

describe('a process', () => {
  test('initializes before any event and finalizes after the last; wait tells [c2e37f5, P6]', async () => {
    const { sim, node } = world();
    const counter = new Counter('counter');
    const pid = node.spawn(counter);
    expect(counter.story).toEqual([]);
    dispatch(pid, 'add', 1);
    const ended = node.wait(pid).then(() => [...counter.story]);
    node.terminate(pid, { inject: false });
    dispatch(pid, 'add', 2);
    await settle(sim);
    expect(ended.value).toEqual(['initialize', 'add 1', 'finalize']);
    expect(counter.story).toHaveLength(3);
    expect(node.wait(pid).isReady).toBe(true);
    expect(node.wait(new UPID('nobody', node.address)).isReady).toBe(true);
  });

  test('runs dispatched methods in order and gives their results as futures [5e059a3]', async () => {
    const { sim, node } = world();
    const pid = node.spawn(new Counter('counter'));
    const later = new FuturePromise<number>();
    const results = [dispatch(pid, 'add', 1), dispatch(pid, 'add', 2)];
    const last = dispatch(pid, 'later', later);
    expect(results.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await settle(sim);
    expect([results.map(({ value }) => value), last.isPending]).toEqual([[1, 3], true]);
    later.set(4);
    expect(last.value).toBe(7);
  });

  test('runs what was deferred to it with the right arguments, in its turn [961acf6]', async () => {
    const { sim, node } = world();
    const counter = new Counter('counter');
    const pid = node.spawn(counter);
    const [addFive, add] = [defer(pid, 'add', 5), defer(pid, 'add')];
    counter.deferred('thunk')();
    const results = [addFive(), add(1)];
    expect(counter.story).toEqual([]);
    await settle(sim);
    expect(counter.story).toEqual(['initialize', 'thunk', 'add 5', 'add 1']);
    expect(results.map(({ value }) => value)).toEqual([5, 6]);
  });

  test('gives the results of deferred calls as futures, in a chain too [130da92]', async () => {
    const { sim, node } = world();
    const pid = node.spawn(new Counter('counter'));
    const end = Future.ready(2).then(defer(pid, 'add')).then(defer(pid, 'add'));
    await settle(sim);
    expect(end.value).toBe(4);
  });

  test('runs deferred functions without result, with and without a process [792a27b]', async () => {
    const { sim, node } = world();
    const counter = new Counter('counter');
    node.spawn(counter);
    Future.ready(1).onReady(counter.deferred('in the process'));
    const outside = node.async(() => 3);
    expect([counter.story, outside.isPending]).toEqual([[], true]);
    await settle(sim);
    expect(counter.story).toEqual(['initialize', 'in the process']);
    expect(outside.value).toBe(3);
  });

  test('runs a delayed call when the delay has passed, not before [b808dd1, P11]', async () => {
    const { sim, node } = world();
    const counter = new Counter('counter');
    const pid = node.spawn(counter);
    delay(100, pid, 'add', 1);
    dispatch(pid, 'wait', 50);
    await sim.advance(49);
    expect(counter.story).toEqual(['initialize']);
    await sim.advance(1);
    expect(counter.story).toEqual(['initialize', 'after 50']);
    await sim.advance(49);
    expect(counter.story).toHaveLength(2);
    await sim.advance(1);
    expect(counter.story.at(-1)).toBe('add 1');
  });

  test('hears once of the end of a process that it linked, however often it did [8d498ce]', async () => {
    const { sim, node } = world();
    const watcher = new Counter('watcher');
    const pid = node.spawn(watcher);
    const watched = node.spawn(new Counter('watched'));
    for (let i = 0; i < 3; i += 1) tell(pid, 'watch', watched);
    await settle(sim);
    node.terminate(watched);
    await sim.advance(1_000);
    expect(watcher.story).toEqual(['initialize', 'exited watched']);
  });

  test('hears at once, and alone, of one that has ended or never was', async () => {
    const { sim, node } = world();
    const [early, late] = [new Counter('early'), new Counter('late')];
    const [first, second] = [node.spawn(early), node.spawn(late)];
    const old = node.spawn(new Counter('name'));
    node.terminate(old);
    await settle(sim);
    const successor = node.spawn(new Counter('name'));
    tell(first, 'watch', successor);
    tell(second, 'watch', old);
    tell(second, 'watch', new UPID('nobody', node.address));
    await settle(sim);
    expect(late.story).toEqual(['initialize', 'exited name', 'exited nobody']);
    expect(early.story).toEqual(['initialize']);
  });

  test('can tell the end of a former link from that of the one it has', async () => {
    const { sim, node } = world();
    const watcher = new Counter('watcher');
    const pid = node.spawn(watcher);
    const old = node.spawn(new Counter('name'));
    tell(pid, 'watch', old);
    await settle(sim);
    node.terminate(old);
    tell(pid, 'succeed', 'name'); // Has its turn before the end of the old one, which comes now.
    await settle(sim);
    node.terminate(new UPID('name', node.address));
    await settle(sim);
    expect(watcher.story).toEqual(['initialize', 'exited name, linked again', 'exited name']);
  });

  test('ends before what waits by default, and after it on demand', async () => {
    const { sim, node } = world();
    const [now, after] = [new Counter('now'), new Counter('after')];
    const pids = [node.spawn(now), node.spawn(after)] as const;
    await settle(sim);
    const sums = pids.map((pid) => dispatch(pid, 'add', 1));
    node.terminate(pids[0]);
    node.terminate(pids[1], { inject: false });
    await settle(sim);
    expect([now.story, after.story]).toEqual([
      ['initialize', 'finalize'],
      ['initialize', 'add 1', 'finalize'],
    ]);
    expect([sums[0]?.isAbandoned, sums[1]?.value]).toEqual([true, 1]);
  });

  test('cannot take an id that is in use, which harms neither', async () => {
    const { sim, node } = world();
    const pid = node.spawn(new Counter('counter'));
    expect(() => node.spawn(new Counter('counter'))).toThrow(ProcessExistsError);
    const sum = dispatch(pid, 'add', 1);
    node.terminate(pid, { inject: false });
    await settle(sim);
    expect(sum.value).toBe(1);
    expect(node.spawn(new Counter('counter')).id).toBe('counter');
  });

  test('has an id, and is not spawned under an empty one', async () => {
    const { node } = world();
    for (const id of ['', () => ''])
      expect(() => node.spawn(new Named(id))).toThrow('the id of a process is not empty');
    const asked = { method: 'GET', query: {}, headers: {}, body: new Uint8Array(0) };
    const answer = await node.http({ ...asked, path: '/nobody', remoteAddress: '10.0.0.9:1' });
    expect(answer.status).toBe(404);
  });

  test('that was refused for its name is spawned when that is free', async () => {
    const { sim, node } = world();
    const first = node.spawn(new Counter('counter'));
    const second = new Counter('counter');
    expect(() => node.spawn(second)).toThrow(ProcessExistsError);
    node.terminate(first);
    await settle(sim);
    const sum = dispatch(node.spawn(second), 'add', 2);
    await settle(sim);
    expect(sum.value).toBe(2);
  });

  test('runs work outside itself, whose failures are those of its future', async () => {
    const { sim, node, fatal } = world();
    const pid = node.spawn(new Counter('counter'));
    const good = dispatch(pid, 'outside', () => 5);
    const bad = dispatch(pid, 'outside', () => assert.fail('one is two'));
    await settle(sim);
    expect([good.value, bad.isFailed, fatal.length]).toEqual([5, true, 1]);
    expect([...node.processes()].map(({ process }) => process.id)).toEqual(['counter']);
  });
});

describe('a process that ends', () => {
  test('abandons what was dispatched to it, waiting or under way [P16]', async () => {
    const { sim, node } = world();
    const pid = node.spawn(new Counter('counter'));
    const never = new FuturePromise<number>();
    const underWay = dispatch(pid, 'later', never);
    await settle(sim);
    const waiting = dispatch(pid, 'add', 1);
    node.terminate(pid);
    await settle(sim);
    never.set(1);
    const late = dispatch(pid, 'add', 1);
    expect([underWay, waiting, late].map(({ isAbandoned }) => isAbandoned)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('answers its HTTP requests, waiting or under way, with 503', async () => {
    const { sim, node } = world();
    class Slow extends Process {
      constructor() {
        super('slow');
        this.route('/', () => new FuturePromise<never>().future);
      }
    }
    const pid = node.spawn(new Slow());
    const get = () =>
      node.http({
        method: 'GET',
        path: '/slow',
        query: {},
        headers: {},
        body: new Uint8Array(0),
        remoteAddress: '',
      });
    const underWay = get();
    await settle(sim);
    const waiting = get();
    node.terminate(pid);
    await settle(sim);
    expect([underWay.value.status, waiting.value.status]).toEqual([503, 503]);
  });

  test('leaves continuations inert, also for a successor of its name [P5]', async () => {
    const { sim, node } = world();
    const old = new Counter('name');
    const pid = node.spawn(old);
    await settle(sim);
    const late = old.deferred('deferred by the old one');
    old.wait(10);
    delay(10, pid, 'add', 1);
    node.terminate(pid);
    await settle(sim);
    const successor = new Counter('name');
    node.spawn(successor);
    late();
    tell(pid, 'add', 2);
    node.terminate(pid);
    expect(node.wait(pid).isReady).toBe(true);
    old.wait(20);
    await sim.advance(100);
    expect(old.story).toEqual(['initialize', 'finalize']);
    expect(successor.story).toEqual(['initialize']);
  });

  test('leaves no timer behind, not even one set while it finalizes', async () => {
    const { sim, node } = world();
    class Late extends Process {
      fired = 0;
      protected override finalize(): void {
        this.delay(10, () => (this.fired += 1));
        throw new RangeError('finalize failed');
      }
    }
    const late = new Late('late');
    const pid = node.spawn(late);
    node.terminate(pid);
    await sim.advance(100);
    expect([late.fired, node.counters.faults, node.wait(pid).isReady]).toEqual([0, 1, true]);
  });
});

describe('a timer', () => {
  test('that fired but has not run yet can still be cancelled [P11]', async () => {
    const { sim, node } = world();
    const busy = new Counter('busy');
    const pid = node.spawn(busy);
    await settle(sim);
    // The timers fire into the mailbox, whose turn is held back until they have been disposed.
    const held: (() => void)[] = [];
    const [own, free] = [busy.wait(10), delay(10, pid, 'add', 1)];
    const { runQueue } = node;
    const push = runQueue.push.bind(runQueue);
    runQueue.push = (runnable) => void held.push(() => push(runnable));
    await sim.advance(10);
    own[Symbol.dispose]();
    free[Symbol.dispose]();
    runQueue.push = push;
    for (const release of held) release();
    await sim.advance(100);
    expect(held).toHaveLength(1);
    expect(busy.story).toEqual(['initialize']);
  });
});

describe('a reference', () => {
  test('dispatches by calling, and is not awaited itself', async () => {
    const { sim, node } = world();
    const counter = ref(node.spawn(new Counter('counter')));
    const sum = counter.add(3);
    expect('then' in counter).toBe(false);
    expect(await Promise.resolve(counter)).toBe(counter);
    await settle(sim);
    expect(sum.value).toBe(3);
  });
});

describe('a node that closes', () => {
  test('ends its processes, newest first, and starts no more', async () => {
    const { sim, node } = world();
    const order: string[] = [];
    class Ending extends Process {
      protected override finalize(): void {
        order.push(this.id);
      }
    }
    for (const id of ['one', 'two', 'three']) node.spawn(new Ending(id));
    const under = node.async(() => new FuturePromise<void>().future);
    await sim.complete(node[Symbol.asyncDispose]());
    expect(order).toEqual(['three', 'two', 'one']);
    expect(under.isAbandoned).toBe(true);
    expect(node.async(() => 1).isAbandoned).toBe(true);
    expect(() => node.spawn(new Ending('four'))).toThrow('the node is closed');
  });
});
