import { describe, expect, test } from '@jest/globals';
import {
  defer,
  dispatch,
  FuturePromise,
  MailboxFullError,
  Process,
  ProcessManager,
  Message,
  ref,
  tell,
  UPID,
  type PID,
  type Future,
} from './index.ts';
import { Simulation } from './sim/index.ts';

/** What other actor runtimes got wrong in their first years, each as a test. */
describe('the traps of actor runtimes:', () => {
  const world = () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    return { sim, runtime, node: new ProcessManager({ runtime, address: '10.0.0.1:5050' }) };
  };

  class Watcher extends Process {
    readonly exits: string[] = [];
    seen = 0;
    watch(upid: UPID): void {
      this.link(upid);
    }
    count(): void {
      this.seen += 1;
    }
    protected override exited(upid: UPID): void {
      this.exits.push(`${upid.id} after ${this.seen}`);
    }
  }

  class Broken extends Process {
    handled = 0;
    protected override initialize(): void {
      throw new RangeError('no');
    }
    touch(): void {
      this.handled += 1;
    }
  }

  test('a process that cannot initialize is no zombie: it ends, frees its id and is heard of', async () => {
    const { sim, node } = world();
    const watcher = new Watcher('watcher');
    const pid = node.spawn(watcher);
    const broken = new Broken('broken');
    const failing = node.spawn(broken);
    tell(pid, 'watch', failing);
    const touched = dispatch(failing, 'touch');
    await sim.advance(0);
    expect([broken.handled, touched.isAbandoned, node.has('broken')]).toEqual([0, true, false]);
    expect(watcher.exits).toEqual(['broken after 0']);
  });

  test('one whose constructor throws was never there', () => {
    const { node } = world();
    class Impossible extends Process {
      constructor() {
        super('impossible');
        throw new RangeError('no');
      }
    }
    expect(() => node.spawn(new Impossible())).toThrow('no');
    expect(node.has('impossible')).toBe(false);
  });

  test('closing with full mailboxes handles none of it and does not spin', async () => {
    const { sim, node } = world();
    const watchers = Array.from({ length: 10 }, (_, i) => new Watcher(`watcher(${i})`));
    const pids = watchers.map((watcher) => node.spawn(watcher));
    await sim.advance(0);
    for (const pid of pids) for (let i = 0; i < 10_000; i += 1) tell(pid, 'count');
    const before = sim.world.steps;
    await sim.complete(node[Symbol.asyncDispose]());
    expect(watchers.map(({ seen }) => seen)).toEqual(watchers.map(() => 0));
    expect(sim.world.steps - before).toBeLessThan(100);
  });

  test('each crash of a crash loop leaves a line that names the process and the error', async () => {
    const { sim, node } = world();
    for (let i = 0; i < 3; i += 1) {
      node.spawn(new Broken('broken'));
      await sim.advance(0);
    }
    const lines = sim.logs.filter(({ level }) => level === 'error');
    expect(lines.map(({ fields }) => [fields['pid'], String(fields['error'])])).toEqual(
      Array.from({ length: 3 }, () => ['broken@10.0.0.1:5050', 'RangeError: no']),
    );
    expect(node.counters.faults).toBe(3);
  });

  test('a call that fails while nobody looks leaves a line and a count', async () => {
    const { sim, node } = world();
    class Failing extends Process {
      fail(): void {
        throw new RangeError('no');
      }
    }
    const pid = node.spawn(new Failing('failing'));
    const lost = dispatch(pid, 'fail');
    await sim.advance(0);
    expect([node.counters.unobservedFailures, node.has('failing')]).toEqual([1, true]);
    expect(sim.logs.map(({ level, fields }) => [level, String(fields['error'])])).toEqual([
      ['warn', 'RangeError: no'],
    ]);
    expect(String(lost.error)).toBe('RangeError: no');
    expect(node.counters.unobservedFailures).toBe(0);
  });

  test('watching what cannot be reached is no silent no-op', async () => {
    const { sim, node } = world();
    const watcher = new Watcher('watcher');
    tell(node.spawn(watcher), 'watch', new UPID('far', '10.9.9.9:5050'));
    await sim.advance(0);
    expect(watcher.exits).toEqual(['far after 0']);
  });

  test('a long mailbox throws nothing into the sender, and drops nothing', async () => {
    const { sim, node } = world();
    const watcher = new Watcher('watcher');
    const pid = node.spawn(watcher);
    for (let i = 0; i < 300_000; i += 1) tell(pid, 'count');
    await sim.advance(0);
    expect(watcher.seen).toBe(300_000);
  });

  test('an exit is not lost behind a long mailbox, and comes after what was there before it', async () => {
    const { sim, node } = world();
    const watcher = new Watcher('watcher');
    const pid = node.spawn(watcher);
    const other = node.spawn(new Watcher('other'));
    tell(pid, 'watch', other);
    await sim.advance(0);
    for (let i = 0; i < 100_000; i += 1) tell(pid, 'count');
    node.terminate(other);
    await sim.advance(0);
    expect(watcher.exits).toEqual(['other after 100000']);
  });

  class Asking extends Process {
    partner: PID<Asking> | undefined;
    ask(): Future<string> {
      return this.partner ? dispatch(this.partner, 'ask') : new FuturePromise<string>().future;
    }
    answer(): string {
      return 'alive';
    }
  }

  test('a call that times out leaves nothing behind', async () => {
    const { sim, runtime, node } = world();
    const pid = node.spawn(new Asking('silent'));
    await sim.advance(0);
    const before = [...node.processes()].length;
    const asked = dispatch(pid, 'ask').after(runtime.clock, '1s', () => 'timed out');
    await sim.advance(1_000);
    expect([asked.value, [...node.processes()].length]).toEqual(['timed out', before]);
  });

  test('two processes that await one another go on working, and the end of one frees the caller', async () => {
    const { sim, node } = world();
    const [one, two] = [new Asking('one'), new Asking('two')];
    const [first, second] = [node.spawn(one), node.spawn(two)];
    one.partner = second;
    const waiting = dispatch(first, 'ask');
    await sim.advance(0);
    const alive = [dispatch(first, 'answer'), dispatch(second, 'answer')];
    await sim.advance(0);
    expect([waiting.isPending, alive.map(({ value }) => value)]).toEqual([
      true,
      ['alive', 'alive'],
    ]);
    node.terminate(second);
    await sim.advance(0);
    expect(waiting.isAbandoned).toBe(true);
  });

  test('a period does not drift, however late its turns are; what is missed is left out', async () => {
    const sim = new Simulation();
    const { runtime, machine } = sim.node();
    machine.processor.turnMsMax = 8;
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    class Ticking extends Process {
      ticks = 0;
      chained = 0;
      period: Disposable | undefined;
      protected override initialize(): void {
        this.period = this.every(10, () => (this.ticks += 1));
        this.chain();
      }
      chain(): void {
        this.delay(10, () => {
          this.chained += 1;
          this.chain();
        });
      }
    }
    const ticking = new Ticking('ticking');
    const pid = node.spawn(ticking);
    await sim.advance(10_000);
    expect(ticking.ticks).toBeGreaterThan(995);
    // A delay counts from the turn that asks for it.
    expect(ticking.chained).toBeLessThan(900);
    machine.processor.turnMsMax = 60;
    const before = ticking.ticks;
    await sim.advance(10_000);
    expect(ticking.ticks - before).toBeLessThan(900);
    ticking.period?.[Symbol.dispose]();
    const ended = ticking.ticks;
    await sim.advance(1_000);
    expect(ticking.ticks).toBe(ended);
    node.terminate(pid);
  });

  test('closing needs no time, whatever its processes wait for or do to one another', async () => {
    const { sim, node } = world();
    class Restless extends Asking {
      mate: PID<Restless> | undefined;
      stir(): void {
        if (this.mate) tell(this.mate, 'stir');
        this.delay(60_000, () => undefined);
      }
    }
    const [one, two] = [new Restless('one'), new Restless('two')];
    const pids = [node.spawn(one), node.spawn(two)] as const;
    [one.mate, two.mate] = [pids[1], pids[0]];
    tell(pids[0], 'stir');
    const closing = node[Symbol.asyncDispose]();
    await sim.complete(closing);
    expect([sim.nowMs, [...node.processes()].length]).toEqual([0, 0]);
  });
});

describe('a bounded mailbox', () => {
  class Slow extends Process {
    handled = 0;
    readonly exits: string[] = [];
    watch(upid: UPID): void {
      this.link(upid);
    }
    work(): void {
      this.handled += 1;
    }
    later(): void {
      this.delay(0, () => (this.handled += 100));
    }
    protected override exited(upid: UPID): void {
      this.exits.push(upid.id);
    }
  }
  const world = async (mailboxLimit: number) => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    const slow = new Slow('slow');
    const pid = node.spawn(slow, { mailboxLimit });
    await sim.advance(0);
    return { sim, node, slow, pid };
  };

  test('that is full throws nothing into the sender: it refuses and counts', async () => {
    const { sim, node, slow, pid } = await world(10);
    const calls = Array.from({ length: 15 }, () => dispatch(pid, 'work'));
    for (let i = 0; i < 5; i += 1) tell(pid, 'work');
    node.send(Message.ofBytes({ name: 'any', from: pid, to: pid }, new Uint8Array(0)));
    expect(calls.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 10 }, () => 'pending'),
      ...Array.from({ length: 5 }, () => 'failed'),
    ]);
    await sim.advance(0);
    expect([slow.handled, node.counters.refusedEvents]).toEqual([10, 11]);
    tell(pid, 'work');
    await sim.advance(0);
    expect(slow.handled).toBe(11);
    expect(sim.logs.map(({ message }) => message)).toEqual([
      'A mailbox is full; what it refuses is counted',
    ]);
  });

  test('that is full tells whoever calls, by a code of its own, and each way of calling', async () => {
    const { sim, node, slow, pid } = await world(1);
    tell(pid, 'work');
    const full = {
      code: 'MAILBOX_FULL',
      message: `Failed to call '${pid.toString()}': its mailbox is full`,
    };
    const calls = [
      dispatch(pid, 'work'),
      dispatch(pid, () => (slow.handled += 100)),
      defer(pid, 'work')(),
      ref(pid).work(),
      ref(pid).with({ timeout: '1s' }).work(),
    ];
    for (const call of calls) expect(call.error).toMatchObject(full);
    expect(dispatch(pid, 'work').repair((error) => error instanceof MailboxFullError).value).toBe(
      true,
    );
    await sim.advance(0);
    expect(slow.handled).toBe(1);
    await sim.complete(dispatch(pid, 'work'));
    expect(slow.handled).toBe(2);
    node.terminate(pid);
    await sim.advance(0);
    expect(dispatch(pid, 'work').isAbandoned).toBe(true);
  });

  test('that is full logs one line, however many calls nobody looks at', async () => {
    const { sim, node, pid } = await world(1);
    for (let i = 0; i < 50; i += 1) {
      dispatch(pid, 'work');
    }
    expect(node.counters.unobservedFailures).toBe(49);
    await sim.advance(0);
    expect(sim.logs).toHaveLength(1);
  });

  test('that is full lets the ends of others in, its own timers, and its own end', async () => {
    const { sim, node, slow, pid } = await world(2);
    const other = node.spawn(new Slow('other'));
    tell(pid, 'watch', other);
    tell(pid, 'later');
    await sim.advance(0);
    expect(slow.handled).toBe(100);
    for (let i = 0; i < 100; i += 1) tell(pid, 'work');
    node.terminate(other);
    await sim.advance(0);
    expect([slow.exits, slow.handled]).toEqual([['other'], 102]);
    for (let i = 0; i < 100; i += 1) tell(pid, 'work');
    node.terminate(pid, { inject: false });
    await sim.advance(0);
    expect([slow.handled, node.has('slow')]).toEqual([104, false]);
  });
});

describe('very many links', () => {
  test('cost each end of a process in proportion to its own', async () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    class Linker extends Process {
      exits = 0;
      watch(upid: UPID): void {
        this.link(upid);
      }
      protected override exited(): void {
        this.exits += 1;
      }
    }
    const COUNT = 20_000;
    const linkers = Array.from({ length: COUNT }, (_, i) => new Linker(`linker(${i})`));
    const pids = linkers.map((linker) => node.spawn(linker));
    pids.forEach((pid, i) => {
      tell(pid, 'watch', pids[(i + 1) % COUNT] ?? pid);
    });
    await sim.advance(0);
    // Quadratic, this would be 4e8 visits, and the test would be hung.
    for (const pid of pids.filter((_, i) => i % 2 === 0)) node.terminate(pid);
    await sim.advance(0);
    expect(linkers.filter((_, i) => i % 2 === 1).every(({ exits }) => exits === 1)).toBe(true);
  });
});
