import type { Millis } from '../clock.ts';
import { RuntimeError } from '../errors.ts';
import type { NodeObserver } from '../node-observer.ts';
import type { Runtime } from '../runtime.ts';
import type { Incarnation } from './incarnation.ts';
import type { Latency } from './network/link-conditions.ts';
import type { Survival } from './file-system/survival.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { NetworkFabric } from './network/network-fabric.ts';
import type { LogLine } from './recording-logger.ts';
import type { SimRandom } from './sim-random.ts';
import { simRuntime, type RuntimeParts } from './sim-runtime.ts';
import { Programs } from './subprocess/program.ts';
import type { SimProcess } from './subprocess/sim-process.ts';
import type { Trace } from './trace.ts';
import { SimulationStalledError, World } from './world.ts';

/** What decides how a simulation runs: the same options, the same run. */
export interface SimulationOptions {
  /** Decides everything that is not decided by the test. Default: 0. */
  readonly seed?: number;
  /** Of all links that are not given another. Default: LAN. */
  readonly latency?: Latency;
  /** How many lines of the trace are kept, the newest ones. Default: 100,000; the hash is of all. */
  readonly traceLinesMax?: number;
}

/** As what a node is started. Default: by root, with an empty environment. */
export interface BootOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** One life of a node: a process on a machine, and the runtime it lives in. */
export interface SimNode {
  readonly machine: Machine;
  readonly process: SimProcess;
  readonly incarnation: Incarnation;
  readonly runtime: Runtime;
  readonly pid: number;
  readonly alive: boolean;
}

/**
 * A whole cluster in one thread: one time line, one network, any number of machines, one seed.
 * The same seed and the same calls give the same run, to the last byte of the trace.
 */
export class Simulation {
  readonly world: World;
  readonly network: NetworkFabric;
  /** What can be spawned, on every machine. */
  readonly programs = new Programs();
  /** For the test's own choices; no part of the simulation draws from it. */
  readonly random: SimRandom;
  /** What the nodes logged, newest last. */
  readonly logs: LogLine[] = [];
  /** Asked about each node that begins: who shall see what it does? */
  observe: ((process: SimProcess, address: string) => NodeObserver | undefined) | undefined;
  readonly #machines: Machine[] = [];

  constructor({ seed = 0, latency, traceLinesMax }: SimulationOptions = {}) {
    this.world = new World(seed, traceLinesMax);
    this.network = new NetworkFabric(this.world, latency);
    this.random = this.world.random.split('test');
  }

  get trace(): Trace {
    return this.world.trace;
  }

  /** Milliseconds since the simulation began. */
  get nowMs(): Millis {
    return this.world.nowMs;
  }

  machine(options: MachineOptions = {}): Machine {
    const ordinal = this.#machines.length + 1;
    const ip = options.ip ?? `10.0.${ordinal >> 8}.${ordinal & 0xff}`;
    const name = options.name ?? `machine-${ordinal}`;
    if (this.#machines.some((other) => other.ip === ip || other.name === name)) {
      throw new RuntimeError('EEXIST', `Failed to add machine '${name}' at ${ip}: it exists`);
    }
    const machine = new Machine({ ...options, ip, name }, this.world);
    this.#machines.push(machine);
    this.network.addHost(machine);
    return machine;
  }

  machineAt(ip: string): Machine | undefined {
    return this.#machines.find((machine) => machine.ip === ip);
  }

  /** Starts a node on a machine. */
  boot(machine: Machine, { environment = {}, user = 'root' }: BootOptions = {}): SimNode {
    if (!machine.powered) {
      throw new RuntimeError('ENODEV', `Failed to boot a node: '${machine.name}' has no power`);
    }
    const argv = ['node', machine.name] as const;
    const image = { argv, environment, user, workingDirectory: '/', session: true };
    const process = machine.processes.start(image);
    const { incarnation, pid } = process;
    const { network, programs } = this;
    const log = (line: LogLine): number => this.logs.push(line);
    const observe: RuntimeParts['observe'] = (...node) => this.observe?.(...node);
    const runtime = simRuntime(process, { machine, network, programs, log, observe });
    return {
      machine,
      process,
      incarnation,
      runtime,
      pid,
      get alive() {
        return incarnation.alive;
      },
    };
  }

  /** A new machine with one node on it. */
  node(options: MachineOptions & BootOptions = {}): SimNode {
    return this.boot(this.machine(options), options);
  }

  /** `kill -9`: the process is gone between two instructions; its machine and page cache stay. */
  kill(node: SimNode): void {
    node.machine.processes.end(node.process, { signal: 'SIGKILL' });
  }

  /** Cuts the power: every process is gone, and what was not synced is lost, by the seed if not said. */
  powerOff(machine: Machine, survival?: Survival): void {
    this.world.record(machine.name, 'power off');
    machine.powerOff(survival);
  }

  /** Starts the machine again, with another boot id and no processes. */
  powerOn(machine: Machine): void {
    this.world.record(machine.name, 'power on');
    machine.powerOn();
    this.network.retry();
  }

  reboot(machine: Machine): void {
    this.powerOff(machine);
    this.powerOn(machine);
  }

  /** Runs everything that happens within `spanMs`. */
  async advance(spanMs: Millis): Promise<void> {
    await this.world.run(this.nowMs + spanMs);
  }

  /** Runs everything due now; time does not move. */
  async settle(): Promise<void> {
    await this.world.run(this.nowMs);
  }

  /** Runs until `condition` holds between two events; throws if it does not within `withinMs`. */
  async until(condition: () => boolean, withinMs: Millis = UNTIL_MS_MAX): Promise<void> {
    const held = await this.world.run(this.nowMs + withinMs, condition);
    if (held || condition()) return;
    throw new SimulationStalledError(
      `Waited ${withinMs} ms in vain, until ${this.nowMs} ms (seed ${this.world.seed})`,
    );
  }

  /** Runs until `promise` settles and gives its outcome. */
  async complete<T>(promise: PromiseLike<T>, withinMs: Millis = UNTIL_MS_MAX): Promise<T> {
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    await this.until(() => settled, withinMs);
    return promise;
  }

  /** Runs `action` after `delayMs`, between two events: for faults in the midst of a run. */
  at(delayMs: Millis, action: () => void): Disposable {
    return this.world.after(delayMs, 0, action);
  }
}

/** How long `until` and `complete` wait by default: an hour of virtual time. */
const UNTIL_MS_MAX = 3_600_000;
