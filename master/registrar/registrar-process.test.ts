import { describe, expect, test } from '@jest/globals';
import { dispatch, ProcessManager, type Future } from '../../libprocess/index.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import type { MasterInfo, Registry, SlaveInfo } from '../../proto/index.ts';
import {
  admitSlave,
  InMemoryStorage,
  markSlaveGone,
  markSlaveReachable,
  markSlaveUnreachable,
  prune,
  RegistrarProcess,
  removeSlave,
  updateSlave,
  type NewEntry,
  type RegistryOperation,
  type SetOutcome,
  type Storage,
} from './index.ts';

const MASTER: MasterInfo = { id: 'm1', ip: 16_777_343, port: 5_050 };
const AT = { nanoseconds: 1_000n };
const agent = (id: string, hostname = 'host'): SlaveInfo => ({ hostname, id: { value: id } });

/** A storage whose calls can be made to fail, or never to be answered. */
class FaultyStorage extends InMemoryStorage {
  reads: 'answered' | 'lost' = 'answered';
  writes: 'answered' | 'lost' | 'refused' = 'answered';
  sets = 0;

  override get(name: string): ReturnType<Storage['get']> {
    return this.reads === 'lost' ? new Promise(() => undefined) : super.get(name);
  }

  override set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    this.sets += 1;
    if (this.writes === 'lost') return new Promise(() => undefined);
    if (this.writes === 'refused') return Promise.reject(new Error('storage is down'));
    return super.set(entry, expected);
  }
}

function setUp({ storage = new FaultyStorage() } = {}) {
  const sim = new Simulation();
  const fatal: string[] = [];
  const start = () => {
    const node = sim.node();
    const registrar = new RegistrarProcess({
      storage,
      onFatal: (error) => fatal.push(error.message),
    });
    const manager = new ProcessManager({ runtime: node.runtime, address: '10.0.0.1:5050' });
    const pid = manager.spawn(registrar);
    return {
      recover: () => dispatch(pid, 'recover', MASTER),
      apply: (operation: RegistryOperation) => dispatch(pid, 'apply', operation),
      done: async (operation: RegistryOperation) =>
        (await sim.complete(dispatch(pid, 'apply', operation))).kind,
    };
  };
  /** What a master that starts now finds. */
  const recovered = async (): Promise<Registry> => sim.complete(start().recover());
  return { sim, storage, fatal, start, recovered };
}

const ids = (registry: Registry) => ({
  admitted: registry.slaves?.slaves?.map((slave) => slave.info.id?.value) ?? [],
  unreachable: registry.unreachable?.slaves?.map((slave) => slave.id.value) ?? [],
  gone: registry.gone?.slaves?.map((slave) => slave.id.value) ?? [],
});

async function stateOf(future: Future<unknown>): Promise<string> {
  return future.then(
    () => 'ready',
    (error: unknown) => String(error),
  );
}

describe('the registrar', () => {
  test('refuses operations before recovery, queues them during it, stores the master [277fcad]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    expect(await sim.complete(stateOf(registrar.apply(admitSlave(agent('s1')))))).toContain(
      'not recovered',
    );
    const recovery = registrar.recover();
    const during = registrar.apply(admitSlave(agent('s1')));
    expect((await sim.complete(recovery)).master?.info).toEqual(MASTER);
    expect(await sim.complete(during)).toEqual({ kind: 'changed' });
    expect(await registrar.done(admitSlave(agent('s2')))).toBe('changed');
    const registry = await recovered();
    expect(ids(registry).admitted).toEqual(['s1', 's2']);
    expect(registry.master?.info).toEqual(MASTER);
  });

  test('admits an agent once [e6ca353]', async () => {
    const { sim, start, recovered, storage } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    expect(await registrar.done(admitSlave(agent('s1')))).toBe('changed');
    const { sets } = storage;
    expect(await sim.complete(registrar.apply(admitSlave(agent('s1'))))).toEqual({
      kind: 'refused',
      reason: 'Agent s1 is admitted already',
    });
    expect(storage.sets).toBe(sets);
    expect(ids(await recovered()).admitted).toEqual(['s1']);
  });

  test('keeps the newest info of an admitted agent, and refuses an unknown one [6cff91f]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    await registrar.done(admitSlave(agent('s1')));
    expect(await registrar.done(updateSlave(agent('s1', 'a')))).toBe('changed');
    expect(await registrar.done(updateSlave(agent('s1', 'b')))).toBe('changed');
    expect(await registrar.done(updateSlave(agent('s1', 'b')))).toBe('unchanged');
    expect(await registrar.done(updateSlave(agent('s2')))).toBe('refused');
    expect((await recovered()).slaves?.slaves?.[0]?.info.hostname).toBe('b');
  });

  test('marks an admitted agent unreachable, with its time, once [a70935e]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    await registrar.done(admitSlave(agent('s1')));
    expect(await registrar.done(markSlaveUnreachable(agent('s1'), AT))).toBe('changed');
    expect(await registrar.done(markSlaveUnreachable(agent('s1'), AT))).toBe('refused');
    const registry = await recovered();
    expect(ids(registry)).toEqual({ admitted: [], unreachable: ['s1'], gone: [] });
    expect(registry.unreachable?.slaves?.[0]?.timestamp).toEqual(AT);
  });

  test('marks reachable whoever is back, known or not [ca63862, 692a45b]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    await registrar.done(admitSlave(agent('s1')));
    expect(await registrar.done(markSlaveReachable(agent('s1')))).toBe('unchanged');
    await registrar.done(markSlaveUnreachable(agent('s1'), AT));
    expect(await registrar.done(markSlaveReachable(agent('s1')))).toBe('changed');
    expect(await registrar.done(markSlaveReachable(agent('s2')))).toBe('changed');
    expect(ids(await recovered())).toEqual({ admitted: ['s1', 's2'], unreachable: [], gone: [] });
  });

  test('marks gone an admitted and an unreachable agent, and no other [dbdd35e, 4b66d45]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    for (const id of ['s1', 's2']) await registrar.done(admitSlave(agent(id)));
    await registrar.done(markSlaveUnreachable(agent('s2'), AT));
    const outcomes = [];
    for (const id of ['s1', 's2', 's2', 's3'])
      outcomes.push(await registrar.done(markSlaveGone(id, AT)));
    expect(outcomes).toEqual(['changed', 'changed', 'refused', 'refused']);
    expect(ids(await recovered())).toEqual({ admitted: [], unreachable: [], gone: ['s1', 's2'] });
  });

  test('prunes those it is told, and no others [8d6494d]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    for (const id of ['u1', 'u2', 'g1', 'g2']) await registrar.done(admitSlave(agent(id)));
    for (const id of ['u1', 'u2']) await registrar.done(markSlaveUnreachable(agent(id), AT));
    for (const id of ['g1', 'g2']) await registrar.done(markSlaveGone(id, AT));
    expect(await registrar.done(prune(['u1', 'x'], ['g2']))).toBe('changed');
    expect(await registrar.done(prune(['u1'], []))).toBe('unchanged');
    expect(ids(await recovered())).toEqual({ admitted: [], unreachable: ['u2'], gone: ['g1'] });
  });

  test('removes an agent once [7a602ce]', async () => {
    const { sim, start, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    for (const id of ['s1', 's2', 's3']) await registrar.done(admitSlave(agent(id)));
    expect(await registrar.done(removeSlave(agent('s2')))).toBe('changed');
    expect(await registrar.done(removeSlave(agent('s2')))).toBe('refused');
    expect(ids(await recovered()).admitted).toEqual(['s1', 's3']);
  });

  test('fails for good when a read is not answered in time [a1042f9]', async () => {
    const { sim, start, storage, fatal } = setUp();
    storage.reads = 'lost';
    const registrar = start();
    const recovery = stateOf(registrar.recover());
    const during = stateOf(registrar.apply(admitSlave(agent('s1'))));
    await sim.advance(59_000);
    expect(fatal).toEqual([]);
    await sim.advance(2_000);
    expect(fatal).toEqual([
      'Failed to fetch the registry: Failed to fetch the registry within 60000 ms',
    ]);
    for (const each of [recovery, during, stateOf(registrar.apply(admitSlave(agent('s2'))))]) {
      expect(await sim.complete(each)).toContain('Failed to fetch the registry');
    }
  });

  test('fails for good when a write is not answered in time [4aca7f2]', async () => {
    const { sim, start, storage, fatal } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    storage.writes = 'lost';
    const first = stateOf(registrar.apply(admitSlave(agent('s1'))));
    await sim.advance(19_000);
    expect(fatal).toEqual([]);
    await sim.advance(2_000);
    expect(fatal).toHaveLength(1);
    storage.writes = 'answered';
    for (const each of [first, stateOf(registrar.apply(admitSlave(agent('s2'))))]) {
      expect(await sim.complete(each)).toContain('Failed to store the registry');
    }
  });

  test('does not go on after a write that failed [352c071]', async () => {
    const { sim, start, storage, fatal } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    storage.writes = 'refused';
    const failures = ['s1', 's2'].map((id) => stateOf(registrar.apply(admitSlave(agent(id)))));
    for (const each of failures) expect(await sim.complete(each)).toContain('storage is down');
    storage.writes = 'answered';
    const later = stateOf(registrar.apply(admitSlave(agent('s3'))));
    expect(await sim.complete(later)).toContain('storage is down');
    expect(fatal).toHaveLength(1);
  });

  test('ends a leader that another has succeeded, before it changes anything (M1)', async () => {
    const { sim, start, recovered, fatal } = setUp();
    const [first, second] = [start(), start()];
    expect((await sim.complete(first.recover())).epoch).toBe(1);
    expect((await sim.complete(second.recover())).epoch).toBe(2);
    const late = stateOf(first.apply(admitSlave(agent('late'))));
    expect(await sim.complete(late)).toContain('a later leader has written it');
    expect(fatal).toHaveLength(1);
    expect(await second.done(admitSlave(agent('s1')))).toBe('changed');
    expect(ids(await recovered()).admitted).toEqual(['s1']);
  });

  test('stores what gathered during a write with one write more', async () => {
    const { sim, start, storage, recovered } = setUp();
    const registrar = start();
    await sim.complete(registrar.recover());
    const before = storage.sets;
    const all = Array.from({ length: 1_000 }, (_, n) =>
      registrar.apply(admitSlave(agent(`s${n}`))),
    );
    for (const each of all) expect(await sim.complete(each)).toEqual({ kind: 'changed' });
    expect(storage.sets - before).toBeLessThanOrEqual(2);
    expect(ids(await recovered()).admitted).toHaveLength(1_000);
  });
});
