import type { Host } from '../host.ts';
import type { Machine } from './machine.ts';

export interface ProcessFacts {
  readonly pid: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
}

/** Facts about a simulated machine and one process on it. */
export class SimHost implements Host {
  readonly hostname: string;
  readonly bootId: string;
  readonly pid: number;
  readonly cpus: number;
  readonly memoryBytesTotal: number;
  readonly user: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(machine: Machine, { pid, environment, user }: ProcessFacts) {
    this.hostname = machine.name;
    this.bootId = machine.bootId;
    this.cpus = machine.cpus;
    this.memoryBytesTotal = machine.memoryBytes;
    this.pid = pid;
    this.user = user;
    this.#environment = { ...environment };
  }

  environment(): Readonly<Record<string, string>> {
    return { ...this.#environment };
  }

  loadAverage(): readonly [number, number, number] {
    return [0.5, 0.5, 0.5];
  }

  memoryBytesFree(): number {
    return this.memoryBytesTotal / 2;
  }

  residentBytes(): number {
    return RESIDENT_BYTES;
  }
}

const RESIDENT_BYTES = 64 * 1_024 ** 2;
