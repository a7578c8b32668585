import type { Millis } from '../clock.ts';
import { RuntimeError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { DiskClient } from './disk/disk-client.ts';
import { Incarnation } from './incarnation.ts';
import type { Latency } from './network/link-conditions.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { NetworkFabric } from './network/network-fabric.ts';
import { RecordingLogger, type LogLine } from './recording-logger.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './disk/sim-disk.ts';
import { SimHost } from './sim-host.ts';
import { SimNetwork } from './network/sim-network.ts';
import type { SimRandom } from './sim-random.ts';
import type { Trace } from './trace.ts';
import { SimulationStalledError, World } from './world.ts';

export interface SimulationOptions {
  /** Decides everything that is not decided by the test. Default: 0. */
  readonly seed?: number;
  /** Of all links that are not given another. Default: LAN. */
  readonly latency?: Latency;
}

export interface BootOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** One life of a node: a process on a machine, and the runtime it lives in. */
export interface SimNode {
  readonly machine: Machine;
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
  /** For the test's own choices; no part of the simulation draws from it. */
  readonly random: SimRandom;
  /** What the nodes logged, newest last. */
  readonly logs: LogLine[] = [];
  readonly #machines: Machine[] = [];
  readonly #nodes = new Set<SimNode>();
  #incarnations = 0;

  constructor({ seed = 0, latency }: SimulationOptions = {}) {
    this.world = new World(seed);
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

  /** Starts a node on a machine. */
  boot(machine: Machine, { environment = {}, user = 'root' }: BootOptions = {}): SimNode {
    this.#incarnations += 1;
    const id = this.#incarnations;
    const incarnation = new Incarnation(this.world, { id, label: `${machine.name}#${id}` });
    const facts = { pid: 1_000 + id, environment, user };
    const runtime: Runtime = {
      clock: new SimClock(incarnation, machine.wall),
      random: incarnation.random('product'),
      network: new SimNetwork(incarnation, machine, this.network),
      host: new SimHost(machine, facts),
      logger: new RecordingLogger((line) => this.logs.push(line)),
      schedule: (thunk) => incarnation.post(thunk),
      disk: new SimDisk(new DiskClient(incarnation, machine.disk), facts.pid),
      get subprocesses(): never {
        throw new RuntimeError('ENOSYS', 'Subprocesses are not simulated');
      },
    };
    const node: SimNode = {
      machine,
      incarnation,
      runtime,
      pid: facts.pid,
      get alive() {
        return incarnation.alive;
      },
    };
    this.#nodes.add(node);
    incarnation.onEnd(() => this.#nodes.delete(node));
    incarnation.record('boot');
    return node;
  }

  /** A new machine with one node on it. */
  node(options: MachineOptions & BootOptions = {}): SimNode {
    return this.boot(this.machine(options), options);
  }

  /** `kill -9`: the process is gone between two instructions; its machine and page cache stay. */
  kill(node: SimNode): void {
    node.incarnation.record('killed');
    node.incarnation.end();
  }

  /** Cuts the power: every process is gone, and what was not synced is lost by the seed. */
  powerOff(machine: Machine): void {
    this.world.record(machine.name, 'power off');
    machine.powerOff(() => {
      for (const node of this.#nodes) if (node.machine === machine) node.incarnation.end();
    });
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
