import {
  DisposerStack,
  FuturePromise,
  type Future,
  type PID,
  type ProcessManager,
} from '../libprocess/index.ts';
import {
  startMaster,
  type MasterFlags,
  type MasterProcess,
  type Storage,
} from '../master/index.ts';

export interface ComposeMasterOptions {
  readonly node: ProcessManager;
  readonly flags: Partial<MasterFlags>;
  /** Where the registry is kept; closed after the master. */
  readonly storage: Storage;
}

export interface Master extends AsyncDisposable {
  readonly pid: PID<MasterProcess>;
  /** Ready when the master has ended by itself, with the reason. */
  readonly failed: Future<string>;
}

/** A master that owns its storage. */
export function composeMaster({ node, flags, storage }: ComposeMasterOptions): Master {
  const failed = new FuturePromise<string>();
  const owned = new DisposerStack();
  owned.use(storage);
  const pid = startMaster({ node, flags, storage, onFailure: (reason) => failed.set(reason) });
  node.wait(pid).onReady(() => failed.set('The master has ended'));
  owned.defer(async () => {
    node.terminate(pid);
    await node.wait(pid);
  });
  return {
    pid,
    failed: failed.future,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
