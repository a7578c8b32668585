import type { ProcessManager } from '../libprocess/process-manager.ts';
import { parseQuery } from '../libprocess/http/query.ts';
import type { Machine, SimNode } from '../libprocess/sim/index.ts';
import type { Cluster } from './cluster.ts';
import { TestClusterError } from './errors.ts';
import { seconds } from './history.ts';
import type { Partitions } from './partitions.ts';
import type { Timeline } from './timeline.ts';

/** The cluster as its hosts see it. */
export interface HostWorld {
  readonly cluster: Cluster;
  readonly timeline: Timeline;
  readonly partitions: Partitions;
  readonly hosts: () => readonly TestHost[];
}

/** What a host runs: its process, and the node in it. */
export interface Life {
  readonly process: SimNode;
  readonly node: ProcessManager;
}

/** A machine of a test's cluster, and the master, agent or scheduler that is its one node. */
export abstract class TestHost {
  protected readonly world: HostWorld;
  protected readonly machine: Machine;
  #ended = '';

  protected constructor(world: HostWorld, machine: Machine) {
    this.world = world;
    this.machine = machine;
  }

  /** The life that is, or the last. */
  protected abstract get life(): Life;

  get name(): string {
    return this.machine.name;
  }

  get ip(): string {
    return this.machine.ip;
  }

  /** `ip:port` of the node. */
  get address(): string {
    return this.life.node.address;
  }

  /** Whether its process runs. Partitions do not matter. */
  get running(): boolean {
    return this.life.process.alive;
  }

  /** `kill -9`: the process ends now; what it started, and its disk, stay. Throws if it does not run. */
  kill(): void {
    this.requireRunning('kill');
    this.end('killed');
  }

  /**
   * Nothing passes between this host and others, all of them if none are given, until `heal`.
   * Connections stand, and messages wait, as in TCP.
   */
  partition(others?: readonly TestHost[]): void {
    const { timeline, partitions, hosts } = this.world;
    timeline.requireOpen(`partition '${this.name}'`);
    const away = (others ?? hosts()).filter((other) => other !== this);
    partitions.add({ from: [this.ip], to: away.map(({ ip }) => ip), oneWay: false });
  }

  /** Takes this host out of all partitions: it reaches all others, and they reach it. */
  heal(): void {
    this.world.timeline.requireOpen(`heal '${this.name}'`);
    this.world.partitions.heal(this.ip);
  }

  /**
   * What `GET path` answers, parsed: `/metrics/snapshot`, `/state`. Lets pass what virtual time the
   * answer takes, which is close to none. Throws for any other status than 200.
   */
  async get(path: string): Promise<unknown> {
    this.requireRunning(`get ${path} of`);
    const { timeline, cluster } = this.world;
    const { node } = this.life;
    const [pathname = '', query = ''] = path.split('?');
    const response = await timeline.exclusively(`get ${path}`, () =>
      cluster.sim.complete(
        node.http({
          method: 'GET',
          path: pathname,
          query: parseQuery(query) ?? {},
          headers: {},
          body: new Uint8Array(),
          remoteAddress: `${this.ip}:0`,
        }),
      ),
    );
    const { status, body } = response;
    const text = !(body instanceof Uint8Array) ? '' : new TextDecoder().decode(body);
    if (status === HTTP_OK) return JSON.parse(text) as unknown;
    const message = `Failed to get ${path} of '${this.name}': status ${status} ${text}`;
    throw new TestClusterError('UNKNOWN', message);
  }

  /** @internal All that runs on the machine ends. */
  powerOff(): void {
    this.world.cluster.sim.powerOff(this.machine);
  }

  /** Why it does not run, for people: `killed at 3.200 s`. */
  get ended(): string {
    return this.running ? '' : this.#ended;
  }

  protected requireRunning(what: string): void {
    this.world.timeline.requireOpen(`${what} '${this.name}'`);
    if (this.running) return;
    const message = `Failed to ${what} '${this.name}': it does not run (${this.#ended})`;
    throw new TestClusterError('NOT_RUNNING', message);
  }

  protected requireEnded(what: string): void {
    this.world.timeline.requireOpen(`${what} '${this.name}'`);
    if (!this.running) return;
    const message = `Failed to ${what} '${this.name}': it runs (kill or stop it first)`;
    throw new TestClusterError('RUNNING', message);
  }

  /** @param how as in 'killed' */
  protected end(how: string): void {
    const { sim } = this.world.cluster;
    this.#ended = `${how} at ${seconds(sim.nowMs)}`;
    sim.kill(this.life.process);
  }
}

const HTTP_OK = 200;
