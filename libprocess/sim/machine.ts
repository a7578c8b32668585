import type { Millis } from '../clock.ts';
import { FileSystem } from './file-system/file-system.ts';
import type { Survival } from './file-system/survival.ts';
import { MachineDisk } from './disk/machine-disk.ts';
import type { NetworkHost } from './network/network-fabric.ts';
import type { WallClock } from './sim-clock.ts';
import type { Processor } from './sim-turns.ts';
import type { SimRandom } from './sim-random.ts';
import { ProcessTable } from './subprocess/process-table.ts';
import type { World } from './world.ts';

/** What a machine has; each has a default. */
export interface MachineOptions {
  readonly name?: string;
  /** Default: the next free address of 10.0.0.0/16. */
  readonly ip?: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
  /** How far the wall clock is ahead of true time, in milliseconds. */
  readonly wallClockAheadMs?: Millis;
}

/** One simulated computer: what outlives its processes, and what a power cut takes away. */
export class Machine implements NetworkHost {
  readonly name: string;
  readonly ip: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly wall: WallClock;
  readonly disk: MachineDisk;
  readonly processes: ProcessTable;
  readonly processor: Processor = { turnMsMax: 0, messagesMax: undefined, turnsWaiting: 0 };
  /** Ports behind the unix sockets in its file system, by path. */
  readonly unixSockets = new Map<string, number>();
  readonly #random: SimRandom;
  #powered = true;
  #boots = 0;
  #bootId = '';

  constructor(
    options: MachineOptions & { readonly name: string; readonly ip: string },
    world: World,
  ) {
    this.name = options.name;
    this.ip = options.ip;
    this.cpus = options.cpus ?? 4;
    this.memoryBytes = options.memoryBytes ?? 8 * 1_024 ** 3;
    this.wall = { originMs: WORLD_BEGINS_AT_MS + (options.wallClockAheadMs ?? 0) };
    this.#random = world.random.split(`machine ${this.name}`);
    const fileSystem = new FileSystem({
      capacityBytes: options.diskBytes ?? DISK_BYTES,
      now: () => Math.floor(this.wall.originMs + world.nowMs),
    });
    this.disk = new MachineDisk(fileSystem, this.#random.split('disk'));
    this.processes = new ProcessTable(world, this.name, this.#random.split('processes'));
    this.#newBootId();
  }

  get powered(): boolean {
    return this.#powered;
  }

  get bootId(): string {
    return this.#bootId;
  }

  /** An operator sets the clock; monotonic time and timers do not notice. */
  setWallClockAhead(aheadMs: Millis): void {
    this.wall.originMs = WORLD_BEGINS_AT_MS + aheadMs;
  }

  /** The network is gone first; processes end next; then the disk is left as it is. */
  powerOff(survival?: Survival): void {
    this.#powered = false;
    this.processes.clear();
    this.unixSockets.clear();
    this.disk.crash(survival);
  }

  powerOn(): void {
    this.#powered = true;
    this.processes.boot();
    this.#newBootId();
  }

  #newBootId(): void {
    this.#boots += 1;
    this.#bootId = this.#random.split(`boot ${this.#boots}`).uuid();
  }
}

const DISK_BYTES = 64 * 1_024 ** 3;
/** 2025-01-01T00:00:00Z. */
const WORLD_BEGINS_AT_MS = 1_735_689_600_000;
