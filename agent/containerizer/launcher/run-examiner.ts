import type { RunEnd, RunIdentity } from './launcher.ts';
import { REVOKED, parsePid, parseStatus, runPaths, type RunPaths } from './run-files.ts';
import { leads } from '../process-tree.ts';
import { DiskError } from '../../../libprocess/errors.ts';
import type { Runtime } from '../../../libprocess/runtime.ts';

const TEXT = new TextDecoder();
const REVOKED_BYTES = new TextEncoder().encode(REVOKED);

/** What the files say: as for a recovered run, with the identity also of one that has ended. */
export type Examined =
  | 'unclaimed'
  | { readonly kind: 'never-started' }
  | { readonly kind: 'running'; readonly identity: RunIdentity }
  | { readonly kind: 'ended'; readonly end: RunEnd; readonly identity: RunIdentity };

/** Reads what became of a run from its files and from the process they name. */
export class RunExaminer {
  readonly #runtime: Runtime;
  readonly #runtimeDirectory: string;

  constructor(runtime: Runtime, runtimeDirectory: string) {
    this.#runtime = runtime;
    this.#runtimeDirectory = runtimeDirectory;
  }

  /**
   * `look` leaves a run that nobody has claimed alone; `revoke` claims it, so that it can never
   * start. Both are safe at any moment of a wrapper's life.
   */
  async examine(containerId: string, manner: 'look' | 'revoke'): Promise<Examined> {
    const paths = runPaths(this.#runtimeDirectory, containerId);
    let claim = await this.#read(paths.claim);
    if (claim === undefined) {
      if (manner === 'look') return 'unclaimed';
      if (await this.#revoke(paths)) return { kind: 'never-started' };
      claim = await this.#read(paths.claim); // A wrapper was quicker.
    }
    if (claim === REVOKED) return { kind: 'never-started' };
    return this.#claimed(paths);
  }

  /** A wrapper writes `pid` before it claims: without one the claim is an agent's, cut short. */
  async #claimed(paths: RunPaths): Promise<Examined> {
    const identity = parsePid((await this.#read(paths.pid)) ?? '');
    if (!identity) return { kind: 'never-started' };
    const alive = this.#alive(identity);
    // Read after looking at the process: a wrapper that has just gone has recorded before.
    const status = parseStatus((await this.#read(paths.status)) ?? '');
    if (status) return { kind: 'ended', end: { kind: 'exited', status }, identity };
    if (alive) return { kind: 'running', identity };
    return { kind: 'ended', end: { kind: 'lost' }, identity };
  }

  #alive(identity: RunIdentity): boolean {
    const { host, subprocesses } = this.#runtime;
    return identity.bootId === host.bootId && leads(identity, subprocesses.inspect(identity.pid));
  }

  /** True if the claim is ours now: made, that is; what it says only helps those who look later. */
  async #revoke(paths: RunPaths): Promise<boolean> {
    const { logger } = this.#runtime;
    const disk = this.#runtime.disk.at('run-claim');
    await disk.makeDirectory(paths.directory);
    try {
      await using claim = await disk.open(paths.claim, 'exclusive');
      await claim.write(0, REVOKED_BYTES).catch((error: unknown) => {
        logger.debug('Failed to write into a claim', { path: paths.claim, error });
      });
      return true;
    } catch (error) {
      if (error instanceof DiskError && error.code === 'EEXIST') return false;
      throw error;
    }
  }

  async #read(path: string): Promise<string | undefined> {
    try {
      return TEXT.decode(await this.#runtime.disk.readFile(path));
    } catch (error) {
      if (error instanceof DiskError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
