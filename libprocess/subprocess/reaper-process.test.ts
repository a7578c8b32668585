import { describe, expect, test } from '@jest/globals';
import type { PID } from '../pid.ts';
import { ProcessManager } from '../process-manager.ts';
import { reap, REAP_INTERVAL_MS_MAX, reapIntervalMs, ReaperProcess } from './reaper-process.ts';
import { Simulation, type SimNode } from '../sim/simulation.ts';
import type { Subprocess } from '../subprocess.ts';

function reaperOn({ runtime }: SimNode): PID<ReaperProcess> {
  return new ProcessManager({ runtime, address: '10.0.0.1:5050' }).spawn(new ReaperProcess());
}

function simulation(): Simulation {
  const sim = new Simulation();
  sim.programs.define('/bin/sleep', () => undefined);
  sim.programs.define('/bin/exit', ({ argv, exit }) => exit(Number(argv[1])));
  return sim;
}

async function spawned(
  sim: Simulation,
  { runtime }: SimNode,
  ...argv: readonly [string, ...string[]]
): Promise<Subprocess> {
  return sim.complete(runtime.subprocesses.spawn({ argv, environment: {} }));
}

describe('the reaper', () => {
  test('tells the exit status of a child to all who ask [2273032]', async () => {
    const sim = simulation();
    const node = sim.node();
    const reaper = reaperOn(node);
    const child = await spawned(sim, node, '/bin/sleep');
    const [one, other] = [reap(reaper, child.pid), reap(reaper, child.pid)];
    await sim.advance(10_000);
    expect([one.isPending, other.isPending]).toEqual([true, true]);
    child.signal('SIGTERM');
    expect(await sim.complete(one)).toEqual({ signal: 'SIGTERM' });
    expect(await sim.complete(other)).toEqual({ signal: 'SIGTERM' });
  });

  test('tells that of a child that had ended before, too [e682434]', async () => {
    const sim = simulation();
    const node = sim.node();
    const reaper = reaperOn(node);
    const child = await spawned(sim, node, '/bin/exit', '3');
    await sim.advance(60_000);
    expect(node.runtime.subprocesses.inspect(child.pid)).toBeUndefined();
    expect(await sim.complete(reap(reaper, child.pid))).toEqual({ code: 3 });
  });

  test('tells the end of what is no child of ours, without a status [48edf91]', async () => {
    const sim = simulation();
    const before = sim.node();
    const child = await spawned(sim, before, '/bin/sleep');
    sim.kill(before);
    const after = sim.boot(before.machine);
    const end = reap(reaperOn(after), child.pid);
    await sim.advance(10_000);
    expect(end.isPending).toBe(true);
    after.runtime.subprocesses.signal(child.pid, 'SIGKILL');
    const killedAtMs = sim.nowMs;
    expect(await sim.complete(end)).toBeUndefined();
    expect(sim.nowMs - killedAtMs).toBeLessThanOrEqual(reapIntervalMs(1));
  });

  test('tells at once of a pid that nobody has', async () => {
    const sim = simulation();
    const end = reap(reaperOn(sim.node()), 4_242);
    await sim.settle();
    expect(end.value).toBeUndefined();
  });

  test('does not take another process for the one that had the pid', async () => {
    const sim = simulation();
    const node = sim.node();
    const reaper = reaperOn(node);
    await sim.advance(1_000);
    const child = await spawned(sim, node, '/bin/sleep');
    const startTime = node.runtime.subprocesses.inspect(child.pid)?.startTime ?? 0;
    const same = reap(reaper, child.pid, { startTime });
    const older = reap(reaper, child.pid, { startTime: startTime - 1 });
    await sim.settle();
    expect([same.isPending, older.isReady]).toEqual([true, true]);
    expect(older.value).toBeUndefined();
  });

  test('sees that a watched pid has gone to another process', async () => {
    const sim = simulation();
    const node = sim.node();
    const stranger = sim.boot(node.machine);
    const watched = reap(reaperOn(node), stranger.pid);
    await sim.advance(1_000);
    const { processes } = node.machine;
    const real = processes.inspect.bind(processes);
    processes.inspect = (pid) => {
      const info = real(pid);
      return info && pid === stranger.pid ? { ...info, startTime: info.startTime + 1 } : info;
    };
    await sim.advance(REAP_INTERVAL_MS_MAX);
    expect(watched.isReady).toBe(true);
  });

  test('forgets who is not waited for any more, and then rests', async () => {
    const sim = simulation();
    const node = sim.node();
    const stranger = sim.boot(node.machine);
    const reaper = reaperOn(node);
    let looks = 0;
    const { processes } = node.machine;
    const real = processes.inspect.bind(processes);
    processes.inspect = (pid) => ((looks += 1), real(pid));
    const end = reap(reaper, stranger.pid);
    await sim.advance(1_000);
    expect(looks).toBeGreaterThanOrEqual(10);
    end.discard();
    await sim.advance(200);
    expect(end.isDiscarded).toBe(true);
    looks = 0;
    await sim.advance(10_000);
    expect(looks).toBe(0);
  });

  test.each([
    [0, 100],
    [50, 100],
    [275, 550],
    [500, 1_000],
    [10_000, 1_000],
  ])('looks for %d processes every %d ms', (watched, intervalMs) => {
    expect(reapIntervalMs(watched)).toBeCloseTo(intervalMs);
  });
});
