import { LaunchError } from './errors.ts';
import type { BackendListener, LauncherBackend, RunTarget } from './backend.ts';
import type {
  Launcher,
  LauncherOptions,
  RecoverableRun,
  RecoveredRun,
  RunEnd,
  RunIdentity,
  RunSpecification,
  RunUsage,
} from './launcher.ts';
import { RunExaminer, type Examined } from './run-examiner.ts';
import { containersDirectory, isPlainName, runPaths } from './run-files.ts';
import { leads } from '../process-tree.ts';
import { DiskError } from '../../../libprocess/errors.ts';
import { Future, FuturePromise, attempt } from '../../../libprocess/future.ts';
import type { Runtime } from '../../../libprocess/runtime.ts';
import type { ExitStatus } from '../../../libprocess/subprocess.ts';

/** How often wrappers that vanished without a record are looked for. */
const SWEEP_INTERVAL_MS = 1_000;
/** Runs looked at in one turn of a sweep: about a millisecond of work. */
const SWEEP_RUNS_PER_TURN = 64;
/** Runs recovered at a time: their files are read side by side. */
const RECOVERIES_AT_ONCE = 64;

/**
 * ```
 *   launching ──► running ──► ended
 *       │            ▲
 *       ▼            │
 *   (refused)    recovering ──► ended
 * ```
 */
interface Run {
  readonly containerId: string;
  readonly sandbox: string | undefined;
  state: 'launching' | 'recovering' | 'running' | 'ended';
  identity?: RunIdentity;
  readonly launched: FuturePromise<RunIdentity>;
  /** Heard of while its files, which did not say so yet, were being read. */
  endedMeanwhile?: ExitStatus;
  /** Its files are being looked at: a second look would only do the same. */
  examined: boolean;
  /** No wrapper will claim it any more: whoever looks next shall see to that. */
  gone: boolean;
}

/**
 * The launcher over any backend: what a run's files say is the truth, what the backend tells is the
 * quick way to it. Lives beside the agent, in its thread.
 */
export class FileLauncher implements Launcher {
  readonly #runtime: Runtime;
  readonly #options: LauncherOptions;
  readonly #backend: LauncherBackend;
  readonly #examiner: RunExaminer;
  readonly #runs = new Map<string, Run>();
  #ended: (containerId: string, end: RunEnd) => void = () => undefined;
  /** Ends that came while runs were being recovered. */
  #held: [containerId: string, end: RunEnd][] | undefined;
  #sweep: Disposable | undefined;
  #closed = false;

  constructor(
    runtime: Runtime,
    options: LauncherOptions,
    connect: (listener: BackendListener) => LauncherBackend,
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#examiner = new RunExaminer(runtime, options.runtimeDirectory);
    this.#backend = connect({
      started: (containerId, leader) => this.#started(containerId, leader),
      ended: (containerId, status) => this.#exited(containerId, status),
      refused: (containerId, { code, message }) =>
        this.#refused(containerId, new LaunchError(code, message)),
      gone: (containerId) => this.#gone(containerId),
      restarted: () => this.#restarted(),
    });
  }

  onEnded(listener: (containerId: string, end: RunEnd) => void): void {
    this.#ended = listener;
  }

  launch(specification: RunSpecification): Future<RunIdentity> {
    const refusal = this.#refusal(specification);
    if (refusal) return Future.failed(refusal);
    const run = this.#add(specification, 'launching');
    this.#backend.start(specification);
    return run.launched.future;
  }

  signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const target = this.#target(containerId);
    if (target) this.#backend.signal(target, signal);
  }

  destroy(containerId: string): void {
    const target = this.#target(containerId);
    if (target) this.#backend.destroy(target);
  }

  recover(runs: readonly RecoverableRun[]): Future<ReadonlyMap<string, RecoveredRun>> {
    this.#held ??= [];
    const recovered = Future.from(this.#recoverAll(runs));
    // Ends are told after what they are the ends of: the caller hears of `recovered` first.
    recovered.onAny(() => this.#runtime.schedule(() => this.#letGo()));
    return recovered;
  }

  containers(): Future<readonly string[]> {
    return attempt(async () => {
      const directory = containersDirectory(this.#options.runtimeDirectory);
      const entries = await this.#runtime.disk.readDirectory(directory).catch(unlessAbsent);
      return entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name);
    });
  }

  usage(containerId: string): Future<RunUsage | undefined> {
    const target = this.#target(containerId);
    return target ? this.#backend.usage(target) : Future.ready(undefined);
  }

  forget(containerId: string): Future<void> {
    const run = this.#runs.get(containerId);
    if (run && run.state !== 'ended') {
      return Future.failed(
        new LaunchError('RUNNING', `Failed to forget '${containerId}': it is ${run.state}`),
      );
    }
    if (!isPlainName(containerId)) return Future.ready();
    this.#runs.delete(containerId);
    const { directory } = runPaths(this.#options.runtimeDirectory, containerId);
    return attempt(() => this.#runtime.disk.at('run-removal').removeTree(directory));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#sweep?.[Symbol.dispose]();
    for (const run of this.#runs.values()) {
      run.launched.abandon(); // The command may run yet; a later agent finds out.
    }
    await this.#backend[Symbol.asyncDispose]();
  }

  #refusal({ containerId, argv, environment }: RunSpecification): LaunchError | undefined {
    const refuse = (code: string, why: string): LaunchError =>
      new LaunchError(code, `Failed to launch '${containerId}': ${why}`);
    if (this.#closed) return refuse('CLOSED', 'the launcher is closed');
    if (!isPlainName(containerId)) return refuse('INVALID', 'its id is not a plain name');
    if (this.#runs.has(containerId)) return refuse('ID_IN_USE', 'its id is in use');
    if (argv.some((argument) => argument.includes('\0')))
      return refuse('INVALID', 'an argument contains a NUL');
    for (const [name, value] of Object.entries(environment)) {
      if (name === '' || /[=\0]/.test(name) || value.includes('\0'))
        return refuse('INVALID', `environment variable '${name}' cannot be set`);
    }
    return undefined;
  }

  #add(run: { containerId: string; sandbox: string | undefined }, state: Run['state']): Run {
    const { containerId, sandbox } = run;
    const launched = new FuturePromise<RunIdentity>();
    const added: Run = { containerId, sandbox, state, launched, examined: false, gone: false };
    this.#runs.set(containerId, added);
    this.#sweep ??= this.#runtime.clock.timer(SWEEP_INTERVAL_MS, () => this.#sweepAll());
    return added;
  }

  #target(containerId: string): RunTarget | undefined {
    const run = this.#runs.get(containerId);
    return run && run.state !== 'ended' ? targetOf(run) : undefined;
  }

  #started(containerId: string, leader: { pid: number; startTime: number }): void {
    const run = this.#runs.get(containerId);
    if (run?.state === 'launching')
      this.#running(run, { ...leader, bootId: this.#runtime.host.bootId });
  }

  #running(run: Run, identity: RunIdentity): void {
    run.state = 'running';
    run.identity = identity;
    run.launched.set(identity);
  }

  #exited(containerId: string, status: ExitStatus): void {
    const run = this.#runs.get(containerId);
    if (run?.state === 'running') this.#end(run, { kind: 'exited', status });
    else if (run?.state === 'launching') this.#examine(run);
    else if (run?.state === 'recovering') run.endedMeanwhile = status;
  }

  #end(run: Run, end: RunEnd): void {
    if (run.state === 'ended') return;
    run.state = 'ended';
    const target = targetOf(run);
    if (target) this.#backend.release(target);
    if (this.#held) this.#held.push([run.containerId, end]);
    else this.#ended(run.containerId, end);
  }

  #letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [containerId, end] of held) this.#ended(containerId, end);
  }

  #refused(containerId: string, error: LaunchError): void {
    const run = this.#runs.get(containerId);
    if (run?.state !== 'launching') return;
    this.#runs.delete(containerId);
    run.launched.fail(error);
  }

  #gone(containerId: string): void {
    const run = this.#runs.get(containerId);
    if (run) this.#revoke(run);
  }

  /** A launch that was under way may never have reached a wrapper: what has not begun, shall not. */
  #restarted(): void {
    for (const run of this.#runs.values()) {
      if (run.state === 'launching') this.#revoke(run);
    }
  }

  /** Now, or at the next sweep: a look may be under way, or the disk be full. */
  #revoke(run: Run): void {
    run.gone = true;
    this.#examine(run);
  }

  #examine(run: Run): void {
    if (run.examined || run.state === 'ended' || run.state === 'recovering') return;
    run.examined = true;
    const again = (): boolean => (run.examined = false);
    const manner = run.gone ? 'revoke' : 'look';
    this.#examiner.examine(run.containerId, manner).then(
      (found) => {
        again();
        if (!this.#closed) this.#found(run, found);
      },
      (error: unknown) => {
        again(); // The next sweep looks again.
        this.#runtime.logger.warn('Failed to look at a run', { container: run.containerId, error });
      },
    );
  }

  #found(run: Run, found: Examined): void {
    if (found === 'unclaimed' || run.state === 'ended') return;
    if (found.kind === 'never-started') {
      const why = `Failed to launch '${run.containerId}': its wrapper could not claim it`;
      this.#refused(run.containerId, new LaunchError('REVOKED', why));
    } else if (found.kind === 'running') {
      if (run.state === 'launching') this.#running(run, found.identity);
    } else {
      if (run.state === 'launching') this.#running(run, found.identity);
      this.#endedByFiles(run, found.end);
    }
  }

  /** What a lost wrapper leaves behind is killed before anybody hears of the loss. */
  #endedByFiles(run: Run, end: RunEnd): void {
    const target = targetOf(run);
    const mayHaveLeft = target?.identity.bootId === this.#runtime.host.bootId;
    if (end.kind === 'exited' || !target || !mayHaveLeft) this.#end(run, end);
    else this.#backend.destroy(target).onAny(() => this.#end(run, end));
  }

  async #recoverAll(runs: readonly RecoverableRun[]): Promise<ReadonlyMap<string, RecoveredRun>> {
    const recovered = new Map<string, RecoveredRun>();
    for (let first = 0; first < runs.length; first += RECOVERIES_AT_ONCE) {
      const slice = runs.slice(first, first + RECOVERIES_AT_ONCE);
      const found = await Promise.all(slice.map((run) => this.#recoverOne(run)));
      slice.forEach((run, index) => {
        const result = found[index];
        if (result) recovered.set(run.containerId, result);
      });
    }
    return recovered;
  }

  async #recoverOne(recoverable: RecoverableRun): Promise<RecoveredRun> {
    const { containerId, sandbox, checkpoint } = recoverable;
    if (!isPlainName(containerId)) return { kind: 'never-started' };
    const run = this.#add(recoverable, 'recovering');
    const found = await this.#examiner.examine(containerId, 'revoke');
    if (found === 'unclaimed' || found.kind === 'never-started') {
      this.#runs.delete(containerId);
      return { kind: 'never-started' };
    }
    if (found.kind === 'running') {
      this.#running(run, found.identity);
      this.#backend.watch({ containerId, sandbox, checkpoint, identity: found.identity });
      const { endedMeanwhile: status } = run;
      if (status) this.#end(run, { kind: 'exited', status });
      return found;
    }
    run.identity = found.identity;
    await this.#buryRecovered(run);
    return { kind: 'ended', end: found.end };
  }

  /**
   * It ended under a former agent, whose launcher may have gone before it killed what the run left behind. Nobody
   * looks for that later: the caller of `recover` hears of the end when nothing of it lives.
   */
  async #buryRecovered(run: Run): Promise<void> {
    run.state = 'ended';
    const target = targetOf(run);
    if (target?.identity.bootId === this.#runtime.host.bootId) await this.#backend.destroy(target);
  }

  #sweepAll(): void {
    const runs = [...this.#runs.values()].filter(({ state }) => state !== 'ended');
    this.#sweepSlice(runs, 0);
  }

  #sweepSlice(runs: readonly Run[], first: number): void {
    if (this.#closed) return;
    for (const run of runs.slice(first, first + SWEEP_RUNS_PER_TURN)) this.#sweepOne(run);
    const next = first + SWEEP_RUNS_PER_TURN;
    if (next < runs.length) {
      this.#runtime.schedule(() => this.#sweepSlice(runs, next));
      return;
    }
    this.#sweep =
      this.#runs.size === 0
        ? undefined
        : this.#runtime.clock.timer(SWEEP_INTERVAL_MS, () => this.#sweepAll());
  }

  #sweepOne(run: Run): void {
    if (run.state === 'launching') this.#examine(run);
    if (run.state !== 'running' || !run.identity) return;
    const process = this.#runtime.subprocesses.inspect(run.identity.pid);
    if (!leads(run.identity, process)) this.#examine(run);
  }
}

function targetOf({ containerId, sandbox, identity }: Run): RunTarget | undefined {
  return identity && { containerId, sandbox, identity };
}

function unlessAbsent(error: unknown): readonly never[] {
  if (error instanceof DiskError && error.code === 'ENOENT') return [];
  throw error;
}
