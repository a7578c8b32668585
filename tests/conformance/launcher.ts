import { describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../agent/containerizer/launcher/errors.ts';
import type {
  Launcher,
  RecoverableRun,
  RecoveredRun,
  RunEnd,
  RunSpecification,
} from '../../agent/containerizer/launcher/launcher.ts';
import { ProcessTable, isAlive } from '../../agent/containerizer/process-tree.ts';
import type { Subprocesses } from '../../libprocess/subprocess.ts';

/** What a command does once it runs, so that each implementation may say it in its own words. */
export type Behaviour =
  | { readonly does: 'exit'; readonly code: number }
  | { readonly does: 'die'; readonly signal: number }
  | { readonly does: 'sleep' }
  /** Sleeps, and sleeps on when asked to end. */
  | { readonly does: 'ignore-term' }
  /** Sleeps with two children, one of which is in a session of its own. */
  | { readonly does: 'fork' }
  /** Ends at once, with 0, and leaves a child behind. */
  | { readonly does: 'leave-child' };

/** A machine on which agents come and go. */
export interface LauncherBed extends AsyncDisposable {
  readonly subprocesses: Subprocesses;
  /** The launcher of a new agent. Opened again only after `crash` or the launcher's disposal. */
  open(options: { readonly recoveryTimeoutMs: number }): Promise<Launcher>;
  /** The agent that opened it last dies as by `kill -9`; its runs know nothing of it. */
  crash(): Promise<void>;
  /** A run with a sandbox of its own. */
  run(containerId: string, behaviour: Behaviour): RunSpecification;
  /** Claims a run as a wrapper that has just been started would, and dies of SIGKILL. */
  killWrapper(launcher: Launcher, pid: number): void;
  /** Resolves once `condition` holds; real time or virtual time passes. */
  until(condition: () => boolean): Promise<void>;
  /** Lets so much time pass. */
  elapse(ms: number): Promise<void>;
}

export const LONG_MS = 900_000;

/** Notes the end of each run, and how often it was told. */
export class Ends {
  readonly all: { readonly containerId: string; readonly end: RunEnd }[] = [];

  constructor(launcher: Launcher) {
    launcher.onEnded((containerId, end) => this.all.push({ containerId, end }));
  }

  of(containerId: string): readonly RunEnd[] {
    return this.all.filter((each) => each.containerId === containerId).map(({ end }) => end);
  }
}

/** What every launcher promises. */
export function launcherConformance(name: string, make: () => Promise<LauncherBed>): void {
  describe(`${name} as a launcher`, () => {
    launching(make);
    killing(make);
    recovering(make);
    orphaning(make);
  });
}

function launching(make: () => Promise<LauncherBed>): void {
  test.each([
    [{ does: 'exit', code: 0 }, { code: 0 }],
    [{ does: 'exit', code: 7 }, { code: 7 }],
    [{ does: 'exit', code: 137 }, { code: 137 }],
    [{ does: 'die', signal: 9 }, { signal: 'SIGKILL' }],
    [{ does: 'die', signal: 15 }, { signal: 'SIGTERM' }],
  ] as const)('tells of a command that does %j as %j, once', async (behaviour, status) => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    const identity = await launcher.launch(bed.run('c1', behaviour));
    expect(identity.pid).toBeGreaterThan(1);
    await bed.until(() => ends.all.length > 0);
    await bed.elapse(50);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status }]);
  });

  test('identifies a running wrapper by pid and start time', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const { pid, startTime } = await launcher.launch(bed.run('c1', { does: 'sleep' }));
    expect(bed.subprocesses.inspect(pid)).toMatchObject({ pid, startTime, session: pid });
    const usage = await launcher.usage('c1');
    expect(usage?.processes).toBeGreaterThanOrEqual(1);
    expect(await launcher.usage('unknown')).toBeUndefined();
  });

  test('never starts one id twice', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    await launcher.launch(bed.run('c1', { does: 'sleep' }));
    await expect(outcome(launcher.launch(bed.run('c1', { does: 'sleep' })))).resolves.toBe(
      'ID_IN_USE',
    );
  });

  test('refuses what no operating system could start', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const run = bed.run('c1', { does: 'sleep' });
    for (const wrong of [
      { ...run, containerId: '../c1' },
      { ...run, argv: ['echo', 'a\0b'] as const },
      { ...run, environment: { 'A=B': 'c' } },
      { ...run, environment: { A: 'c\0' } },
    ])
      await expect(outcome(launcher.launch(wrong))).resolves.toBe('INVALID');
    await launcher.launch(run); // None of that used up the id.
  });

  test('forgets a run that has ended, and refuses to forget one that has not', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    await launcher.launch(bed.run('c1', { does: 'sleep' }));
    await expect(outcome(launcher.forget('c1'))).resolves.toBe('RUNNING');
    launcher.destroy('c1');
    await bed.until(() => ends.all.length > 0);
    expect(await launcher.containers()).toEqual(['c1']);
    await launcher.forget('c1');
    expect(await launcher.containers()).toEqual([]);
  });
}

function killing(make: () => Promise<LauncherBed>): void {
  test('ends a command politely, as its own signal', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    await launcher.launch(bed.run('c1', { does: 'sleep' }));
    launcher.signal('c1', 'SIGTERM');
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { signal: 'SIGTERM' } }]);
  });

  test('kills one that ignores it, and records that too', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    await launcher.launch(bed.run('c1', { does: 'ignore-term' }));
    await bed.elapse(100); // Until it ignores.
    launcher.signal('c1', 'SIGTERM');
    await bed.elapse(100);
    expect(ends.all).toEqual([]);
    launcher.destroy('c1');
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { signal: 'SIGKILL' } }]);
  });

  test('leaves no process of the tree, whatever session it is in [T6]', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    const identity = await launcher.launch(bed.run('c1', { does: 'fork' }));
    await bed.until(() => members(bed, identity).length >= 3);
    const tree = members(bed, identity);
    launcher.destroy('c1');
    await bed.until(() => ends.all.length > 0 && tree.every((pid) => !lives(bed, pid)));
  });

  test('ends what a command leaves behind', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    const identity = await launcher.launch(bed.run('c1', { does: 'leave-child' }));
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { code: 0 } }]);
    await bed.until(() => members(bed, identity).length === 0);
  });

  test('reports a killed wrapper as lost, once its command is dead', async () => {
    await using bed = await make();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const living: number[] = [];
    const identity = await launcher.launch(bed.run('c1', { does: 'fork' }));
    let end: RunEnd | undefined;
    launcher.onEnded((_, ended) => {
      end = ended;
      living.push(...members(bed, identity));
    });
    await bed.until(() => members(bed, identity).length >= 1);
    bed.killWrapper(launcher, identity.pid);
    await bed.until(() => end !== undefined);
    expect({ end, living }).toEqual({ end: { kind: 'lost' }, living: [] });
  });
}

function recovering(make: () => Promise<LauncherBed>): void {
  test('finds running tasks again, the same processes, and hears of their ends [R1]', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const identity = await before.launch(bed.run('c1', { does: 'sleep' }));
    await bed.crash();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    expect(await recovered(launcher, bed.run('c1', { does: 'sleep' }))).toEqual({
      kind: 'running',
      identity,
    });
    launcher.signal('c1', 'SIGTERM');
    await bed.until(() => ends.all.length > 0);
    expect(ends.of('c1')).toEqual([{ kind: 'exited', status: { signal: 'SIGTERM' } }]);
  });

  test('knows how a task ended while no agent was there', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const run = bed.run('c1', { does: 'exit', code: 3 });
    const ends = new Ends(before);
    await before.launch(run);
    await bed.until(() => ends.all.length > 0); // The next agent has not heard of it.
    await bed.crash();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const after = new Ends(launcher);
    expect(await recovered(launcher, run)).toEqual({
      kind: 'ended',
      end: { kind: 'exited', status: { code: 3 } },
    });
    await bed.elapse(50);
    expect(after.all).toEqual([]);
  });

  test('takes the claim of a run that never began, for ever [T2]', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    await before[Symbol.asyncDispose]();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const run = bed.run('c1', { does: 'sleep' });
    expect(await recovered(launcher, run)).toEqual({ kind: 'never-started' });
    await expect(outcome(launcher.launch(run))).resolves.toBe('ID_IN_USE');
    expect(await recovered(launcher, run)).toEqual({ kind: 'never-started' });
  });

  test('kills what a wrapper left that died while no agent was there', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const run = bed.run('c1', { does: 'fork' });
    const identity = await before.launch(run);
    await bed.until(() => members(bed, identity).length >= 1);
    await bed.crash();
    bed.killWrapper(before, identity.pid);
    await bed.until(() => !lives(bed, identity.pid));
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    expect(await recovered(launcher, run)).toEqual({ kind: 'ended', end: { kind: 'lost' } });
    expect(members(bed, identity)).toEqual([]);
  });

  test('kills what a command left that ended while no agent was there', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const run = bed.run('c1', { does: 'fork' });
    const identity = await before.launch(run);
    await bed.until(() => members(bed, identity).length >= 3);
    await bed.crash();
    const command = bed.subprocesses.list().find(({ parent }) => parent === identity.pid);
    bed.subprocesses.signal(command?.pid ?? 0, 'SIGKILL');
    await bed.until(() => !lives(bed, identity.pid));
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    expect(await recovered(launcher, run)).toEqual({
      kind: 'ended',
      end: { kind: 'exited', status: { signal: 'SIGKILL' } },
    });
    expect(members(bed, identity)).toEqual([]);
  });

  test('ends a run whose sandbox nobody knows any more, and that run alone', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const orphan = await before.launch(bed.run('orphan', { does: 'sleep' }));
    const other = await before.launch(bed.run('other', { does: 'sleep' }));
    await bed.crash();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    await recovered(launcher, { containerId: 'orphan', sandbox: undefined, checkpoint: false });
    await recovered(launcher, bed.run('other', { does: 'sleep' }));
    launcher.destroy('orphan');
    await bed.until(() => ends.of('orphan').length > 0);
    expect(members(bed, orphan)).toEqual([]);
    expect(lives(bed, other.pid)).toBe(true);
  });
}

function orphaning(make: () => Promise<LauncherBed>): void {
  test('ends runs without checkpoint as soon as the agent is dead [R11]', async () => {
    await using bed = await make();
    const launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const bound = await launcher.launch({
      ...bed.run('bound', { does: 'sleep' }),
      checkpoint: false,
    });
    const kept = await launcher.launch(bed.run('kept', { does: 'sleep' }));
    await bed.crash();
    await bed.until(() => !lives(bed, bound.pid));
    expect(lives(bed, kept.pid)).toBe(true);
  });

  test('kills what a command has just left, also if the agent dies before it has', async () => {
    await using bed = await make();
    const launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    const ends = new Ends(launcher);
    const identity = await launcher.launch(bed.run('c1', { does: 'leave-child' }));
    await bed.until(() => ends.all.length > 0);
    await bed.crash();
    await bed.until(() => members(bed, identity).length === 0);
  });

  test('ends the others after the recovery timeout [R11]', async () => {
    await using bed = await make();
    const launcher = await bed.open({ recoveryTimeoutMs: 300 });
    const { pid } = await launcher.launch(bed.run('c1', { does: 'sleep' }));
    await bed.crash();
    expect(lives(bed, pid)).toBe(true);
    await bed.until(() => !lives(bed, pid));
  });

  test('leaves to a new agent what that has taken over in time', async () => {
    await using bed = await make();
    const before = await bed.open({ recoveryTimeoutMs: 500 });
    const { pid } = await before.launch(bed.run('c1', { does: 'sleep' }));
    await bed.crash();
    await using launcher = await bed.open({ recoveryTimeoutMs: LONG_MS });
    await recovered(launcher, bed.run('c1', { does: 'sleep' }));
    await bed.elapse(1_700);
    expect(lives(bed, pid)).toBe(true);
  });
}

async function recovered(
  launcher: Launcher,
  run: RecoverableRun,
): Promise<RecoveredRun | undefined> {
  const runs = await launcher.recover([run]);
  return runs.get(run.containerId);
}

async function outcome(future: PromiseLike<unknown>): Promise<string> {
  try {
    await future;
    return 'ready';
  } catch (error) {
    return error instanceof LaunchError ? error.code : String(error);
  }
}

function lives(bed: LauncherBed, pid: number): boolean {
  const process = bed.subprocesses.inspect(pid);
  return process !== undefined && isAlive(process);
}

function members(bed: LauncherBed, leader: { pid: number; startTime: number }): readonly number[] {
  const table = new ProcessTable(bed.subprocesses.list());
  return table.members(leader).map(({ pid }) => pid);
}
