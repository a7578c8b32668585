import { join } from 'node:path';
import { OWNER_FILE } from './protocol.ts';
import { SubprocessBackend } from './subprocess-backend.ts';
import { FileLauncher } from '../file-launcher.ts';
import type { LauncherOptions } from '../launcher.ts';
import { containersDirectory } from '../run-files.ts';
import type { BackendListener } from '../backend.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';

/**
 * Opens the launcher of an agent, which must hold its work directory already: from here on the runs
 * of an earlier agent are no longer ended by that one's launcher. Rejects with
 * `DirectoryLockedError` if another agent uses the runtime directory.
 */
export async function openNodeLauncher(
  runtime: Runtime,
  options: LauncherOptions,
): Promise<NodeLauncher> {
  const { disk, host, random } = runtime;
  await disk.makeDirectory(containersDirectory(options.runtimeDirectory));
  const lock = await disk.lockDirectory(options.runtimeDirectory);
  try {
    const owner = random.uuid();
    const path = join(options.runtimeDirectory, OWNER_FILE);
    await disk.writeFile(`${path}.new`, new TextEncoder().encode(owner));
    await disk.rename(`${path}.new`, path);
    let backend: SubprocessBackend | undefined;
    const connect = (listener: BackendListener): SubprocessBackend =>
      (backend = new SubprocessBackend({ ...options, owner, bootId: host.bootId }, listener));
    const launcher = new NodeLauncher(runtime, options, connect);
    launcher.holds(lock, () => backend?.launcherPid);
    return launcher;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A launcher of real processes; holds the lock of its runtime directory until disposed. */
export class NodeLauncher extends FileLauncher {
  #lock: AsyncDisposable | undefined;
  #pid: () => number | undefined = () => undefined;

  /** @internal */
  holds(lock: AsyncDisposable, pid: () => number | undefined): void {
    this.#lock = lock;
    this.#pid = pid;
  }

  /** Pid of the launcher subprocess, if one runs now. */
  get launcherPid(): number | undefined {
    return this.#pid();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#lock?.[Symbol.asyncDispose]();
    this.#lock = undefined;
  }
}
