import { describe, expect, test } from '@jest/globals';
import {
  dispatch,
  Process,
  ProcessManager,
  Supervisor,
  tell,
  UPID,
  type ChildSpec,
  type ExitReason,
  type PID,
  type SupervisorOptions,
} from '../index.ts';
import { nodeRuntime } from '../node/node-runtime.ts';
import { RecordingLogger, Simulation } from '../sim/index.ts';

/** Tells what becomes of it, and does what it is told. */
class Worker extends Process {
  readonly #story: string[];
  constructor(id: string, story: string[]) {
    super(id);
    this.#story = story;
  }
  protected override initialize(): void {
    this.#story.push(`+${this.id}`);
  }
  protected override finalize(): void {
    this.#story.push(`-${this.id}`);
  }
  work(): void {
    this.#story.push(this.id);
  }
  crash(): void {
    throw new RangeError('no');
  }
}

class Watcher extends Process {
  readonly exits: string[] = [];
  watch(upid: UPID): void {
    this.link(upid);
  }
  protected override exited(upid: UPID, reason: ExitReason): void {
    this.exits.push(`${upid.id} ${reason}`);
  }
}

class World {
  readonly sim = new Simulation();
  readonly node = new ProcessManager({
    runtime: this.sim.node().runtime,
    address: '10.0.0.1:5050',
  });
  readonly watcher = new Watcher('watcher');
  readonly #watching = this.node.spawn(this.watcher);
  readonly story: string[] = [];
  /** The latest of each child. */
  readonly pids = new Map<string, PID<Worker>>();

  worker(id: string, spec: Partial<ChildSpec<Worker>> = {}): ChildSpec<Worker> {
    return {
      id,
      start: () => new Worker(id, this.story),
      started: (pid) => this.pids.set(id, pid),
      ...spec,
    };
  }

  async supervise(
    children: readonly ChildSpec[],
    options: Omit<SupervisorOptions, 'children'> = {},
  ): Promise<PID<Supervisor>> {
    const pid = this.node.spawn(new Supervisor('top', { children, ...options }));
    tell(this.#watching, 'watch', pid);
    await this.sim.advance(0);
    return pid;
  }

  /** What has happened since the last time. */
  told(): string {
    return this.story.splice(0).join(' ');
  }

  async crash(...ids: string[]): Promise<string> {
    this.told();
    for (const id of ids) {
      const pid = this.pids.get(id);
      if (pid) tell(pid, 'crash');
    }
    await this.sim.advance(0);
    return this.told();
  }

  async end(id: string): Promise<string> {
    this.told();
    this.node.terminate(new UPID(id, this.node.address));
    await this.sim.advance(0);
    return this.told();
  }

  logs(): string[] {
    return this.sim.logs.map(({ level, fields }) => `${level} ${String(fields['child'])}`);
  }
}

const MANY = { intensity: 100, period: '5s' } as const;

describe('a supervisor', () => {
  test('starts its children in order, and stops them in the reverse one', async () => {
    const world = new World();
    const top = await world.supervise(['a', 'b', 'c'].map((id) => world.worker(id)));
    expect(world.told()).toBe('+a +b +c');
    const done = dispatch(top, 'shutdown');
    await world.sim.advance(0);
    expect([world.told(), done.isReady, world.node.has('top')]).toEqual(['-c -b -a', true, false]);
    expect(world.watcher.exits).toEqual(['top ended']);
  });

  test.each([
    ['one-for-one', '-b +b'],
    ['rest-for-one', '-b -c +b +c'],
    ['one-for-all', '-b -c -a +a +b +c'],
  ] as const)('%s: the crash of the middle one is told as %s', async (strategy, told) => {
    const world = new World();
    const children = ['a', 'b', 'c'].map((id) => world.worker(id));
    await world.supervise(children, { strategy });
    expect(await world.crash('b')).toBe(told);
  });

  test.each([
    ['permanent', '-a +a', '-a +a'],
    ['transient', '-a +a', '-a'],
    ['temporary', '-a', '-a'],
  ] as const)('a %s child that crashes: %s; that ends: %s', async (restart, crashed, ended) => {
    const first = new World();
    await first.supervise([first.worker('a', { restart })], { limits: MANY });
    expect(await first.crash('a')).toBe(crashed);
    const second = new World();
    await second.supervise([second.worker('a', { restart })], { limits: MANY });
    expect(await second.end('a')).toBe(ended);
  });

  test('that starts all again leaves out those that are temporary, and forgets them', async () => {
    const world = new World();
    const top = await world.supervise(
      [world.worker('a'), world.worker('b', { restart: 'temporary' }), world.worker('c')],
      { strategy: 'one-for-all' },
    );
    expect(await world.crash('c')).toBe('-c -b -a +a +c');
    const children = dispatch(top, 'children');
    await world.sim.advance(0);
    expect(children.value.map(({ id, restarts }) => [id, restarts])).toEqual([
      ['a', 0],
      ['c', 1],
    ]);
  });

  test('keeps the names: a UPID reaches the successor, a PID of the one before does not', async () => {
    const world = new World();
    await world.supervise([world.worker('a')]);
    const before = world.pids.get('a') ?? world.worker('').start().self;
    await world.crash('a');
    const late = dispatch(before, 'work');
    const now = dispatch(world.pids.get('a') ?? before, 'work');
    await world.sim.advance(0);
    expect([late.isAbandoned, now.isReady, world.told()]).toEqual([true, true, 'a']);
  });

  test('starts again as often as is allowed within the period, then gives up', async () => {
    const world = new World();
    await world.supervise([world.worker('a'), world.worker('b')], {
      limits: { intensity: 2, period: '10s' },
    });
    expect(await world.crash('b')).toBe('-b +b');
    await world.sim.advance(9_000);
    expect(await world.crash('b')).toBe('-b +b');
    await world.sim.advance(1_001);
    expect(await world.crash('a')).toBe('-a +a');
    expect(await world.crash('b')).toBe('-b -a');
    expect([world.watcher.exits, world.node.has('top')]).toEqual([['top failed'], false]);
  });

  test('leaves a line for each crash, each restart and the end of a crash loop', async () => {
    const world = new World();
    class Doomed extends Worker {
      protected override initialize(): void {
        throw new RangeError('never');
      }
    }
    await world.supervise([world.worker('a', { start: () => new Doomed('a', world.story) })], {
      limits: { intensity: 2, period: '5s' },
    });
    expect(world.sim.logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: A handler threw; the process ends',
      'warn: A child is started again',
      'error: A handler threw; the process ends',
      'warn: A child is started again',
      'error: A handler threw; the process ends',
      'error: Too many restarts; the supervisor ends',
      'error: A handler threw; the process ends',
    ]);
    expect(String(world.sim.logs.at(-1)?.fields['error'])).toBe(
      "SupervisorError: Supervisor 'top' failed to keep its children: too many restarts",
    );
  });

  test('shares no restart budget with a child that has its own: siblings keep theirs', async () => {
    const world = new World();
    const flaky = world.worker('flaky', { limits: MANY });
    await world.supervise([world.worker('a'), flaky]);
    for (let i = 0; i < 10; i += 1) expect(await world.crash('flaky')).toBe('-flaky +flaky');
    expect(await world.crash('a')).toBe('-a +a');
    expect(await world.crash('a')).toBe('-a -flaky');
  });

  test('whose child cannot be made fails, and stops those that it has started', async () => {
    const world = new World();
    const impossible: ChildSpec = {
      id: 'impossible',
      start: () => {
        throw new RangeError('no parts');
      },
    };
    await world.supervise([world.worker('a'), impossible]);
    expect([world.told(), world.node.has('a')]).toEqual(['+a -a', false]);
    expect(world.watcher.exits).toEqual(['top failed']);
  });

  test('tries again to make a child, at the cost of restarts, and starts those behind it after it', async () => {
    const world = new World();
    let failures = 0;
    const picky = world.worker('picky', {
      start: () => {
        if (failures > 0 && (failures -= 1) >= 0) throw new RangeError('not yet');
        return new Worker('picky', world.story);
      },
    });
    await world.supervise([picky, world.worker('b')], {
      strategy: 'rest-for-one',
      limits: { intensity: 3, period: '5s' },
    });
    failures = 2;
    expect(await world.crash('picky')).toBe('-picky -b +picky +b');
    failures = 1;
    expect(await world.crash('picky')).toBe('-picky -b');
    expect([world.node.has('top'), world.watcher.exits]).toEqual([false, ['top failed']]);
  });

  test('waits for a child to handle what it has, unless it is to be killed', async () => {
    const world = new World();
    const top = await world.supervise([world.worker('a'), world.worker('b', { shutdown: 'kill' })]);
    for (const pid of world.pids.values()) for (let i = 0; i < 3; i += 1) tell(pid, 'work');
    world.told();
    void dispatch(top, 'shutdown');
    await world.sim.advance(0);
    expect(world.told()).toBe('a a a b b b -b -a');
  });

  test('waits no longer than that may take', async () => {
    class Slow extends Process {
      handled = 0;
      /** Takes a millisecond of the machine's time. */
      work(): void {
        const fromMs = this.runtime.clock.monotonic();
        while (this.runtime.clock.monotonic() < fromMs + 1);
        this.handled += 1;
      }
    }
    await using node = new ProcessManager({
      runtime: nodeRuntime({ logger: new RecordingLogger(() => undefined) }),
      address: '127.0.0.1:1',
    });
    const slow = new Slow('slow');
    const children: ChildSpec[] = [{ id: 'slow', start: () => slow, shutdown: '20ms' }];
    const top = node.spawn(new Supervisor('top', { children }));
    await dispatch(top, 'children');
    for (let i = 0; i < 1_000; i += 1) tell(slow.self, 'work');
    await dispatch(top, 'shutdown');
    expect([node.has('slow'), slow.handled < 1_000]).toEqual([false, true]);
  });

  test('ends a child whose child does not stop in time, and all of them when it has none left', async () => {
    const world = new World();
    /** Does not stop: its own children are told to, and never have the time. */
    class Stubborn extends Supervisor {
      override shutdown(): ReturnType<Supervisor['shutdown']> {
        return dispatch(world.pids.get('a') ?? this.self, () => undefined).then(() => undefined);
      }
    }
    const stubborn: ChildSpec = {
      id: 'stubborn',
      start: () => new Stubborn('stubborn', { children: [world.worker('inner')] }),
    };
    const top = await world.supervise([world.worker('a'), stubborn], { shutdown: '3s' });
    world.told();
    const done = dispatch(top, 'shutdown');
    await world.sim.advance(2_999);
    expect([world.told(), done.isPending]).toEqual(['', true]);
    await world.sim.advance(1);
    expect([world.told().split(' ').sort().join(' '), done.isReady]).toEqual(['-a -inner', true]);
  });

  test('of supervisors stops and restarts whole trees', async () => {
    const world = new World();
    const branch = (id: string, ...leaves: string[]): ChildSpec => ({
      id,
      start: () => new Supervisor(id, { children: leaves.map((leaf) => world.worker(leaf)) }),
    });
    const top = await world.supervise([branch('left', 'a', 'b'), branch('right', 'c')]);
    world.told();
    await world.crash('b');
    expect(await world.crash('b')).toBe('-b -a +a +b');
    expect([...world.pids.keys()]).toEqual(['a', 'b', 'c']);
    void dispatch(top, 'shutdown');
    await world.sim.advance(0);
    expect(world.told()).toBe('-c -b -a');
  });

  test('takes its children with it when it is terminated, or its node closes', async () => {
    for (const way of ['terminate', 'close']) {
      const world = new World();
      const top = await world.supervise(['a', 'b'].map((id) => world.worker(id)));
      world.told();
      if (way === 'terminate') world.node.terminate(top);
      else await world.sim.complete(world.node[Symbol.asyncDispose]());
      await world.sim.advance(0);
      expect([way, world.told()]).toEqual([way, '-b -a']);
    }
  });

  test('starts and stops children while it runs', async () => {
    const world = new World();
    const top = await world.supervise([world.worker('a')], { limits: MANY });
    const started = dispatch(top, 'startChild', world.worker('b'));
    const twice = dispatch(top, 'startChild', world.worker('b'));
    const taken = dispatch(top, 'startChild', {
      id: 'c',
      start: () => new Worker('watcher', world.story),
    });
    await world.sim.advance(0);
    expect([started.value.id, twice.error, taken.error]).toEqual([
      'b',
      expect.objectContaining({ code: 'CHILD_EXISTS' }),
      expect.objectContaining({ code: 'PROCESS_EXISTS' }),
    ]);
    expect(await world.crash('b')).toBe('-b +b');
    const stopped = [dispatch(top, 'stopChild', 'b'), dispatch(top, 'stopChild', 'nobody')];
    await world.sim.advance(0);
    expect([world.told(), stopped.map(({ isReady }) => isReady)]).toEqual(['-b', [true, true]]);
    const children = dispatch(top, 'children');
    await world.sim.advance(0);
    expect(children.value.map(({ id }) => id)).toEqual(['a']);
  });

  test('takes nobody for a child who had its name before', async () => {
    const world = new World();
    const top = await world.supervise([]);
    // Asks for its successor before the supervisor hears of its end.
    class Heir extends Worker {
      protected override finalize(): void {
        super.finalize();
        void dispatch(top, 'startChild', world.worker('a'));
      }
    }
    const failed = dispatch(top, 'startChild', {
      id: 'a',
      start: () => new Heir('a', world.story),
      started: () => {
        throw new RangeError('no');
      },
    });
    await world.sim.advance(0);
    expect([failed.error, world.told()]).toEqual([new RangeError('no'), '+a -a +a']);
    const children = dispatch(top, 'children');
    await world.sim.advance(0);
    expect(children.value).toMatchObject([{ id: 'a', restarts: 0 }]);
  });

  test('takes crashes of several at once, and of one that it is stopping', async () => {
    const world = new World();
    const children = ['a', 'b', 'c'].map((id) => world.worker(id));
    await world.supervise(children, { strategy: 'one-for-all', limits: MANY });
    const told = (await world.crash('a', 'b', 'c')).split(' ');
    expect([told.slice(0, 3).sort(), told.slice(3)]).toEqual([
      ['-a', '-b', '-c'],
      ['+a', '+b', '+c'],
    ]);
  });
});
