import type { MasterDetector } from '../common/detector.ts';
import {
  DisposerStack,
  type Future,
  FuturePromise,
  type PID,
  type ProcessManager,
  type Runtime,
} from '../libprocess/index.ts';
import type { SlaveInfo } from '../proto/index.ts';
import type { StartCommandExecutor } from './containerizer/containerizer.ts';
import type { Launcher } from './containerizer/launcher/launcher.ts';
import type { AgentFlags } from './flags.ts';
import { openMeta } from './recovery/open-meta.ts';
import { slaveInfo } from './resources/slave-info.ts';
import { SlaveProcess } from './slave-process.ts';

/** On which node an agent shall run, and what it works with. */
export interface StartAgentOptions {
  readonly node: ProcessManager;
  readonly flags: AgentFlags;
  readonly detector: MasterDetector;
  /** Makes what starts processes; the agent closes it. */
  readonly launcher: (runtime: Runtime, flags: AgentFlags) => Promise<Launcher>;
  readonly startCommandExecutor: StartCommandExecutor;
}

/** A running agent. Disposing it leaves its tasks to the next one, as far as they checkpoint. */
export interface Agent extends AsyncDisposable {
  readonly pid: PID<SlaveProcess>;
  /** Ready when the agent has ended by itself: with the reason, or undefined if it was asked to. */
  readonly stopped: Future<string | undefined>;
}

/**
 * Starts an agent on a node: takes its work directory, recovers what the former agent left there,
 * and looks for a master. Errors: `DirectoryLockedError`, `AgentFlagError`, and what
 * `recovery/open-meta.ts` throws for checkpoints that cannot be used.
 */
export async function startAgent(options: StartAgentOptions): Promise<Agent> {
  const { node, flags, detector } = options;
  const { runtime } = node;
  await using resources = new DisposerStack();
  const disk = runtime.disk.at('work-directory');
  await disk.makeDirectory(flags.workDirectory);
  resources.use(await disk.lockDirectory(flags.workDirectory));
  const stopped = new FuturePromise<string | undefined>();
  const info = await describe(options);
  const opened = await openMeta({
    runtime,
    flags,
    info,
    onFatal: (error) => stopped.set(`Checkpoints can no longer be written: ${String(error)}`),
  });
  resources.defer(() => opened.meta.journal.close());
  const launcher = resources.use(await options.launcher(runtime, flags));
  const pid = node.spawn(
    new SlaveProcess({
      runtime,
      flags,
      detector,
      info,
      meta: opened.meta,
      recovered: opened.state,
      formerAgents: opened.formerAgents,
      launcher,
      startCommandExecutor: options.startCommandExecutor,
      onStopped: (reason) => stopped.set(reason),
    }),
  );
  node.delegate = pid.id;
  resources.defer(async () => {
    node.terminate(pid);
    await node.wait(pid);
  });
  const owned = resources.move();
  return {
    pid,
    stopped: stopped.future,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function describe({ node, flags }: StartAgentOptions): Promise<SlaveInfo> {
  const { host, disk } = node.runtime;
  const { totalBytes } = await disk.usage(flags.workDirectory);
  const port = Number(node.address.slice(node.address.lastIndexOf(':') + 1));
  return slaveInfo(flags, port, { ...host, diskBytesTotal: totalBytes });
}
