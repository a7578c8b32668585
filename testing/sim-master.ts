import type { ProcessManager } from '../libprocess/process-manager.ts';
import type { Machine, SimNode, Simulation } from '../libprocess/sim/index.ts';
import { startNode } from '../libprocess/start-node.ts';
import { UPID } from '../libprocess/upid.ts';
import type { Allocator } from '../master/allocator/allocator.ts';
import { masterFlags, type MasterFlags } from '../master/flags.ts';
import { startMaster, type Storage } from '../master/index.ts';
import { defaultAllocator } from '../master/start-master.ts';

export const MASTER_PORT = 5050;

export interface SimMasterOptions<S extends Storage> {
  readonly sim: Simulation;
  /** Of its machine. */
  readonly name?: string;
  /** Of the registry; outlives each life. */
  readonly registry: S;
  readonly flags?: Partial<MasterFlags>;
  /** Of each life, before anything runs on it. */
  readonly onNode?: (node: ProcessManager) => void;
  /** Stands before the allocator of each life. */
  readonly watchAllocator?: ((allocator: Allocator) => Allocator) | undefined;
  /** A life has ended itself, for it could not go on. */
  readonly onFailure: (reason: string) => void;
}

/** A master of a simulated cluster through all its lives, always at the same address. */
export class SimMaster<S extends Storage> {
  readonly machine: Machine;
  readonly registry: S;
  readonly upid: UPID;
  readonly #options: SimMasterOptions<S>;
  #process: SimNode | undefined;
  #node: ProcessManager | undefined;

  constructor(options: SimMasterOptions<S>) {
    this.#options = options;
    this.registry = options.registry;
    this.machine = options.sim.machine({ name: options.name ?? 'master' });
    this.upid = new UPID('master', `${this.machine.ip}:${MASTER_PORT}`);
  }

  /** The life that is, or the last. */
  get process(): SimNode {
    if (!this.#process) throw new Error('The master has been started');
    return this.#process;
  }

  /** Of the life that is, or of the last. */
  get node(): ProcessManager {
    if (!this.#node) throw new Error('The master has been started');
    return this.#node;
  }

  /** Another life, by which the former is over. */
  async start(): Promise<void> {
    const { sim, registry, flags = {}, onNode, onFailure, watchAllocator } = this.#options;
    const { machine } = this;
    this.#process = sim.boot(machine);
    const { runtime } = this.#process;
    this.#node = await sim.complete(startNode({ runtime, ip: machine.ip, port: MASTER_PORT }));
    onNode?.(this.#node);
    const allocator = watchAllocator?.(defaultAllocator(masterFlags(flags)));
    startMaster({
      node: this.#node,
      flags,
      storage: registry,
      onFailure,
      ...(allocator && { allocator }),
    });
    await sim.settle();
  }

  /** `kill -9`. */
  kill(): void {
    if (this.#process) this.#options.sim.kill(this.#process);
  }
}
