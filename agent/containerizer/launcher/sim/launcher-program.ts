import { LauncherHost, type Hello, type WrapperStarter } from '../host/launcher-host.ts';
import { LineReader, OWNER_FILE, type Order, type Report } from '../host/protocol.ts';
import { LaunchError } from '../errors.ts';
import { runPaths } from '../run-files.ts';
import { RuntimeError } from '../../../../libprocess/errors.ts';
import { redirect } from '../../../../libprocess/io/redirect.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';
import type { Program } from '../../../../libprocess/sim/subprocess/program.ts';
import type { RunSpecification, RunUsage } from '../launcher.ts';
import type { Subprocess } from '../../../../libprocess/subprocess.ts';

type Tell = (report: Report) => void;

/** The launcher subprocess of a simulated machine: the real host over the simulated runtime. */
export function launcherProgram(wrapper: string): Program {
  return (context) => {
    const { runtime } = context;
    const report: Tell = (told) => context.print(`${JSON.stringify(told)}\n`);
    const { clock, disk, subprocesses } = runtime;
    const world = {
      clock,
      disk,
      subprocesses,
      schedule: (thunk: () => void) => runtime.schedule(thunk),
      starter: (hello: Hello) => new SimStarter(runtime, { hello, wrapper, report }),
      // Simulated processes show no environment: what leaves both session and tree is not found.
      sandboxOf: () => undefined,
      isStarting: () => false,
      usageOf,
    };
    const host = new LauncherHost(world, report);
    context.onSignal('SIGINT', () => undefined);
    context.onInput(
      (line) => host.follow(JSON.parse(line) as Order), // Our own agent wrote it.
      () => void host.orphaned().finally(() => context.exit(0)),
    );
  };
}

function usageOf(pids: readonly number[]): RunUsage {
  const processes = pids.length;
  return {
    processes,
    threads: processes,
    residentBytes: 0,
    cpuUserSeconds: 0,
    cpuSystemSeconds: 0,
  };
}

interface StarterOptions {
  readonly hello: Hello;
  readonly wrapper: string;
  readonly report: Tell;
}

class SimStarter implements WrapperStarter {
  readonly #runtime: Runtime;
  readonly #options: StarterOptions;

  constructor(runtime: Runtime, options: StarterOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  start(run: RunSpecification, events: Parameters<WrapperStarter['start']>[1]): void {
    this.#spawn(run).then(
      (subprocess) => {
        events.begun(subprocess.pid);
        this.#listen(run.containerId, subprocess);
        subprocess.exited.onReady(({ code }) => events.ended(code === 0));
      },
      (error: unknown) => {
        const code = error instanceof RuntimeError ? error.code : 'UNKNOWN';
        const message = `Failed to launch '${run.containerId}': ${String(error)}`;
        events.refused(new LaunchError(code === 'EEXIST' ? 'ID_IN_USE' : code, message, error));
      },
    );
  }

  /** There is no FIFO here: wrappers tell their launcher, which tells the agent. */
  #listen(containerId: string, subprocess: Subprocess): void {
    const reader = new LineReader((line) =>
      this.#options.report({ tell: 'notice', containerId, line }),
    );
    const text = new TextDecoder();
    const hooks = [(bytes: Uint8Array) => reader.push(text.decode(bytes, { stream: true }))];
    if (subprocess.out) redirect(subprocess.out, undefined, { hooks });
  }

  async #spawn(run: RunSpecification): Promise<Subprocess> {
    const { disk, subprocesses } = this.#runtime;
    const { hello, wrapper } = this.#options;
    const owner = await disk.readFile(`${hello.runtimeDirectory}/${OWNER_FILE}`);
    if (new TextDecoder().decode(owner) !== hello.owner)
      throw new LaunchError('REVOKED', `Failed to launch '${run.containerId}': another agent`);
    const { directory } = runPaths(hello.runtimeDirectory, run.containerId);
    if (await exists(this.#runtime, directory))
      throw new LaunchError('ID_IN_USE', `Failed to launch '${run.containerId}': it exists`);
    await disk.at('run-files').makeDirectory(directory);
    return subprocesses.spawn({
      argv: [wrapper, directory, hello.bootId, JSON.stringify(run)],
      environment: {},
      session: true,
      workingDirectory: run.sandbox,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }
}

async function exists({ disk }: Runtime, path: string): Promise<boolean> {
  return disk.status(path).then(
    () => true,
    () => false,
  );
}
