import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import type { Hello } from './launcher-host.ts';
import { OWNER_FILE } from './protocol.ts';
import { SubprocessBackend, type LauncherEvents, type LauncherLink } from './subprocess-backend.ts';
import { FileLauncher } from '../file-launcher.ts';
import type { LauncherOptions } from '../launcher.ts';
import { containersDirectory } from '../run-files.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';

/** Makes the connection to a launcher subprocess, which need not be started yet. */
export type Connect<L extends LauncherLink> = (hello: Hello, events: LauncherEvents) => L;

/** A launcher that holds its runtime directory until it is disposed. */
export class OwnedLauncher<L extends LauncherLink = LauncherLink> extends FileLauncher {
  /** The connection to its subprocess. */
  readonly link: L;
  readonly #lock: AsyncDisposable;

  private constructor(
    runtime: Runtime,
    options: LauncherOptions,
    held: { readonly lock: AsyncDisposable; readonly connect: (events: LauncherEvents) => L },
  ) {
    const made: { link?: L } = {};
    super(runtime, options, (listener) => {
      return new SubprocessBackend(listener, (events) => (made.link = held.connect(events)));
    });
    assert(made.link, 'a backend connects when it is made');
    this.link = made.link;
    this.#lock = held.lock;
  }

  /**
   * Takes the runtime directory over: from here on the runs of an earlier agent are no longer ended
   * by that one's launcher. The agent holds its work directory already. Rejects with
   * `DirectoryLockedError` if another agent uses the runtime directory.
   */
  static async open<L extends LauncherLink>(
    runtime: Runtime,
    options: LauncherOptions,
    connect: Connect<L>,
  ): Promise<OwnedLauncher<L>> {
    const { host, random } = runtime;
    const disk = runtime.disk.at('launcher-owner');
    await disk.makeDirectory(containersDirectory(options.runtimeDirectory));
    const lock = await disk.lockDirectory(options.runtimeDirectory);
    try {
      const owner = random.uuid();
      const path = join(options.runtimeDirectory, OWNER_FILE);
      await disk.writeFile(`${path}.new`, new TextEncoder().encode(owner));
      await disk.rename(`${path}.new`, path);
      const hello: Hello = { do: 'hello', ...options, owner, bootId: host.bootId };
      const held = { lock, connect: (events: LauncherEvents) => connect(hello, events) };
      return new OwnedLauncher(runtime, options, held);
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#lock[Symbol.asyncDispose]();
  }
}
