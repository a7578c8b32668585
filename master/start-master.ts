import type { PID } from '../libprocess/pid.ts';
import type { ProcessManager } from '../libprocess/process-manager.ts';
import type { Allocator } from './allocator/allocator.ts';
import { HierarchicalAllocator } from './allocator/hierarchical-allocator.ts';
import { StandaloneContender, type Contender } from './election/contender.ts';
import { masterFlags, type MasterFlags } from './flags.ts';
import { MasterProcess } from './master-process.ts';
import type { Storage } from './registrar/storage.ts';

/** On which node a master shall run, and what it works with. */
export interface StartMasterOptions {
  readonly node: ProcessManager;
  /** Of the registry; closed by the caller, after the master has ended. */
  readonly storage: Storage;
  readonly flags?: Partial<MasterFlags>;
  /** Default: the only master there is. */
  readonly contender?: Contender;
  readonly allocator?: Allocator;
  /** The master has ended itself, for it cannot go on. */
  readonly onFailure?: (reason: string) => void;
}

/** Starts a master on a node, and makes it serve what names no other process there. */
export function startMaster(options: StartMasterOptions): PID<MasterProcess> {
  const { node } = options;
  node.delegate = 'master';
  const flags = masterFlags(options.flags);
  return node.spawn(
    new MasterProcess({
      flags,
      storage: options.storage,
      contender: options.contender ?? new StandaloneContender(),
      allocator: options.allocator ?? defaultAllocator(flags),
      onFailure: options.onFailure ?? (() => undefined),
    }),
  );
}

/** Mesos's, unless another is given. */
export const defaultAllocator = (flags: MasterFlags): Allocator =>
  new HierarchicalAllocator({
    allocationIntervalMs: flags.allocationIntervalMs,
    minAllocatable: flags.minAllocatableResources,
  });
