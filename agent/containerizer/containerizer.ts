import { SIGNAL_NAMES } from './launcher/signals.ts';
import { printDuration } from '../../libprocess/duration.ts';
import { Future, RuntimeError, type UPID } from '../../libprocess/index.ts';
import type { CommandInfo, Task, TaskState } from '../../proto/index.ts';
import { shutdownGracePeriodMs } from '../executors/shutdown-grace-period.ts';
import { executorEnvironment } from '../executors/environment.ts';
import type { AgentFlags } from '../flags.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { checkpointCommandTask, type Meta } from '../state/checkpoint.ts';
import type {
  Launcher,
  RecoveredRun,
  RunEnd,
  RunIdentity,
  RunSpecification,
} from './launcher/launcher.ts';
import { RunEnds } from './run-ends.ts';

/** How the process of an executor ended, in the terms of the agent. */
export interface ContainerEnd {
  /** Whether there ever was a process. */
  readonly launched: boolean;
  /** As of wait(2); -1 if unknown. */
  readonly waitStatus: number;
  readonly message: string;
}

export interface ContainerLaunch {
  readonly framework: Framework;
  readonly executor: Executor;
  /** Absent: the agent's own. */
  readonly user: string | undefined;
}

/** What the built-in executor of a command task needs to start and end its one run. */
export interface ContainerRuns {
  launch(run: RunSpecification): Future<RunIdentity>;
  signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void;
  destroy(containerId: string): void;
  /** `listener` hears the end of the run, once, if it started. */
  onEnded(containerId: string, listener: (end: RunEnd) => void): void;
}

export interface CommandExecutorRequest {
  /** Whom it registers with. */
  readonly agent: UPID;
  readonly framework: Framework;
  readonly executor: Executor;
  readonly user: string | undefined;
  /** What every executor is given; the task's own variables come on top. */
  readonly environment: Readonly<Record<string, string>>;
  readonly runs: ContainerRuns;
  readonly checkpoints: CommandCheckpoints;
  /** What a former agent left of it. */
  readonly recovered: RecoveredCommand | undefined;
}

/** What a built-in executor must know again after a restart of the agent. */
export interface RecoveredCommand {
  readonly run: Exclude<RecoveredRun, { readonly kind: 'never-started' }>;
  readonly task: Task;
  /** What it saved last, if anything. */
  readonly record: Uint8Array | undefined;
  /** What the task's stream of updates has already. */
  readonly reported: readonly TaskState[];
}

export interface CommandCheckpoints {
  /** Replaces what was saved for the run; `durable` is called once it is, in any turn. */
  save(containerId: string, record: Uint8Array, durable: () => void): void;
}

/** Starts the built-in executor of a command task: an actor beside the agent, which registers. */
export type StartCommandExecutor = (request: CommandExecutorRequest) => UPID;

export interface ContainerizerOptions {
  readonly launcher: Launcher;
  readonly startCommandExecutor: StartCommandExecutor;
  readonly flags: AgentFlags;
  readonly meta: Meta;
  /** The agent's own address. */
  readonly agent: () => UPID;
  readonly agentId: () => string;
  /** A built-in executor lives; its end matters. */
  readonly started: (upid: UPID) => void;
  /** The wrapper of a command task runs. */
  readonly commandStarted: (executor: Executor, pid: number) => void;
  readonly terminate: (upid: UPID) => void;
  /** A process ended that no built-in executor listened to; `takeEnd` says what that means. */
  readonly onEnded: (containerId: string, end: RunEnd) => void;
}

interface Run {
  launching: boolean;
  /** To be ended as soon as there is something to end. */
  doomed: boolean;
  /** The built-in executor that ends with it. */
  condemned?: UPID;
}

/** A command could not be turned into a process. */
export class ContainerizerError extends RuntimeError {}

/** Gives executors their processes: custom ones by the launcher, the built-in one as an actor. */
export class Containerizer {
  readonly #options: ContainerizerOptions;
  readonly #ends = new RunEnds();
  /** Runs that have not ended, from the moment in which they are asked for. */
  readonly #runs = new Map<string, Run>();
  /** Built-in executors by container, and the other way round. */
  readonly #commandExecutors = new Map<string, UPID>();
  readonly #containersOf = new Map<string, string>();

  constructor(options: ContainerizerOptions) {
    this.#options = options;
    options.launcher.onEnded((containerId, end) => {
      this.#over(containerId);
      if (!this.#ends.tell(containerId, end)) options.onEnded(containerId, end);
    });
  }

  /**
   * Takes back an end that nobody listened to, if it is that of a command: its executor, which by
   * now is there, will tell of it. False: it is the end of an executor.
   */
  takeEnd(containerId: string, end: RunEnd): boolean {
    if (!this.#commandExecutors.has(containerId)) return false;
    this.#ends.tellOnceHeard(containerId, end);
    return true;
  }

  /** Ready with the pid of the process, or undefined for an executor beside the agent. */
  launchExecutor(launch: ContainerLaunch): Future<number | undefined> {
    const { executor } = launch;
    if (executor.commandTask) {
      this.startCommandExecutor(launch, undefined);
      return Future.ready<number | undefined>(undefined);
    }
    const argv = argvOf(executor.info.command);
    if (!argv) {
      return Future.failed(new ContainerizerError('NO_COMMAND', 'The executor has no command'));
    }
    return this.launch({
      containerId: executor.containerId,
      argv,
      environment: this.#environment(launch),
      sandbox: executor.directory,
      stdout: `${executor.directory}/stdout`,
      stderr: `${executor.directory}/stderr`,
      ...(launch.user !== undefined && { user: launch.user }),
      checkpoint: executor.checkpoint,
    }).then(({ pid }) => pid);
  }

  /** Its address; also for one whose run a former agent started. */
  startCommandExecutor(launch: ContainerLaunch, recovered: RecoveredCommand | undefined): UPID {
    const upid = this.#options.startCommandExecutor({
      ...launch,
      agent: this.#options.agent(),
      environment: this.#environment(launch),
      runs: this.#runsOf(launch.executor),
      checkpoints: this.#checkpointsOf(launch.executor),
      recovered,
    });
    launch.executor.awaitedPid = upid;
    this.#commandExecutors.set(launch.executor.containerId, upid);
    this.#containersOf.set(upid.toString(), launch.executor.containerId);
    this.#options.started(upid);
    return upid;
  }

  #runsOf(executor: Executor): ContainerRuns {
    return {
      launch: (run) =>
        this.launch(run).onReady(({ pid }) => {
          this.#options.commandStarted(executor, pid);
        }),
      signal: (containerId, signal) => {
        this.signal(containerId, signal);
      },
      destroy: (containerId) => {
        this.destroy(containerId);
      },
      onEnded: (containerId, listener) => {
        this.onEnded(containerId, listener);
      },
    };
  }

  #checkpointsOf({ checkpoint, key }: Executor): CommandCheckpoints {
    const { meta } = this.#options;
    return {
      save: (_containerId, record, durable) => {
        if (checkpoint) meta.journal.after(checkpointCommandTask(meta, key, record), durable);
        else durable();
      },
    };
  }

  /**
   * Kills all processes of an executor; its end is told like any other. A built-in one ends with its
   * run: nobody shall hear that a task is over which may still begin.
   */
  destroyExecutor({ containerId }: Executor): void {
    this.destroy(containerId);
    const upid = this.#commandExecutors.get(containerId);
    const run = this.#runs.get(containerId);
    if (upid && run) run.condemned = upid;
    else if (upid) this.#options.terminate(upid);
  }

  /** A process of this node ended: the container whose built-in executor it was, if any. */
  commandExecutorEnded(upid: UPID): string | undefined {
    const containerId = this.#containersOf.get(upid.toString());
    if (containerId === undefined) return undefined;
    this.#containersOf.delete(upid.toString());
    this.#commandExecutors.delete(containerId);
    return containerId;
  }

  #environment({ framework, executor }: ContainerLaunch): Record<string, string> {
    const { flags, agent, agentId } = this.#options;
    const self = agent();
    return executorEnvironment({
      frameworkId: framework.id,
      executorId: executor.id,
      agentId: agentId(),
      agentPid: self.toString(),
      agentEndpoint: self.address,
      ip: self.ip,
      sandbox: executor.directory,
      checkpoint: executor.checkpoint,
      recoveryTimeoutMs: flags.recoveryTimeoutMs,
      subscriptionBackoffMaxMs: flags.executorReregistrationTimeoutMs,
      shutdownGracePeriodMs: shutdownGracePeriodMs(executor.info, flags),
      requested: variablesOf(executor.info.command),
      printDuration,
    });
  }

  launch(specification: RunSpecification): Future<RunIdentity> {
    const { launcher } = this.#options;
    const { containerId } = specification;
    const run: Run = { launching: true, doomed: false };
    this.#runs.set(containerId, run);
    return launcher
      .launch(specification)
      .onReady(() => {
        run.launching = false;
        if (run.doomed) launcher.destroy(containerId);
      })
      .onFailed(() => {
        this.#over(containerId);
      });
  }

  /** Before anybody hears of it: a condemned executor has nothing more to say. */
  #over(containerId: string): void {
    const condemned = this.#runs.get(containerId)?.condemned;
    this.#runs.delete(containerId);
    if (condemned) this.#options.terminate(condemned);
  }

  signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#options.launcher.signal(containerId, signal);
  }

  /** One that is still being launched is ended as soon as there is something to end. */
  destroy(containerId: string): void {
    const run = this.#runs.get(containerId);
    if (run?.launching === true) run.doomed = true;
    this.#options.launcher.destroy(containerId);
  }

  onEnded(containerId: string, listener: (end: RunEnd) => void): void {
    this.#ends.listen(containerId, listener);
  }

  recover(executors: readonly Executor[]): Future<ReadonlyMap<string, RecoveredRun>> {
    const runs = executors.map(({ containerId, directory, checkpoint }) => ({
      containerId,
      sandbox: directory,
      checkpoint,
    }));
    return this.#options.launcher.recover(runs).onReady((recovered) => {
      for (const [containerId, { kind }] of recovered)
        if (kind === 'running') this.#runs.set(containerId, { launching: false, doomed: false });
    });
  }

  /**
   * Ends runs that have files but that no checkpoint knows of: those of an agent that this one does
   * not stand in for. Ready with how many there were; their files go when they have ended.
   */
  destroyOrphans(known: ReadonlySet<string>): Future<number> {
    const { launcher } = this.#options;
    return launcher.containers().then((containers) => {
      const orphans = containers.filter((containerId) => !known.has(containerId));
      const runs = orphans.map((containerId) => ({
        containerId,
        sandbox: undefined,
        checkpoint: false,
      }));
      return launcher.recover(runs).then((found) => {
        for (const containerId of orphans) this.#destroyOrphan(containerId, found.get(containerId));
        return orphans.length;
      });
    });
  }

  #destroyOrphan(containerId: string, run: RecoveredRun | undefined): void {
    if (run?.kind !== 'running') {
      this.forget(containerId);
      return;
    }
    this.onEnded(containerId, () => {
      this.forget(containerId);
    });
    this.destroy(containerId);
  }

  /** The end of the run is durable elsewhere. */
  forget(containerId: string): void {
    this.#ends.forget(containerId);
    this.#options.launcher.forget(containerId);
  }
}

/** The program and its arguments; a shell command is run by `sh -c`. */
export function argvOf(command: CommandInfo | undefined): [string, ...string[]] | undefined {
  if (command?.value === undefined) return undefined;
  if (command.shell ?? true) return ['/bin/sh', '-c', command.value];
  // The first argument is the name that the program is called by, which we leave to the system.
  return [command.value, ...(command.arguments ?? []).slice(1)];
}

export function variablesOf(command: CommandInfo | undefined): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, value } of command?.environment?.variables ?? [])
    variables[name] = value ?? '';
  return variables;
}

export function containerEnd(end: RunEnd): ContainerEnd {
  if (end.kind === 'lost') {
    return {
      launched: true,
      waitStatus: -1,
      message: 'Executor terminated: its status is unknown',
    };
  }
  const { code, signal } = end.status;
  if (code !== undefined) {
    return {
      launched: true,
      waitStatus: code << 8,
      message: `Executor exited with status ${String(code)}`,
    };
  }
  const number = SIGNAL_NAMES.indexOf(signal);
  return {
    launched: true,
    waitStatus: number,
    message: `Executor terminated by signal ${signal}`,
  };
}
