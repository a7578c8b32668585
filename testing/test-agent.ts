import type { AgentFlags } from '../agent/flags.ts';
import type { SimNode } from '../libprocess/sim/index.ts';
import { SlaveRegisteredMessage, SlaveReregisteredMessage } from '../proto/index.ts';
import type { AgentMember } from './cluster.ts';
import { masterOn } from './cluster-state.ts';
import { TestHost, type HostWorld, type Life } from './test-host.ts';

/** An agent of a test's cluster, through all its lives. Its disk keeps what real ones keep. */
export class TestAgent extends TestHost {
  readonly #member: AgentMember;
  /** The life that a master has welcomed: before, an agent does not know its id. */
  #welcomed: SimNode | undefined;

  constructor(world: HostWorld, member: AgentMember) {
    super(world, member.machine);
    this.#member = member;
    world.cluster.mail.listen(({ name, to }, verdict) => {
      const welcome = WELCOMES.has(name) && verdict === 'deliver';
      if (welcome && to.address === this.address) this.#welcomed = this.#member.process;
    });
    this.#endWithAgent();
  }

  protected override get life(): Life {
    return this.#member;
  }

  /** The id that the master knows it by, as in offers; undefined while it is not registered. */
  get id(): string | undefined {
    return this.#registered?.id;
  }

  /** Whether both sides know it to be registered, it is connected, and its resources are offered. */
  get active(): boolean {
    const welcomed = this.#welcomed === this.#member.process;
    return welcomed && this.#registered?.active === true;
  }

  get #registered(): { readonly id: string; readonly active: boolean } | undefined {
    const { cluster } = this.world;
    if (!cluster.masterProcess.alive) return undefined;
    const agents = masterOn(cluster.masterNode)?.state?.agents.registered.values() ?? [];
    return [...agents].find(({ pid }) => pid.address === this.address);
  }

  /** SIGTERM: it writes what is to be written and ends; tasks of checkpointing frameworks stay. */
  async stop(): Promise<void> {
    this.requireRunning('stop');
    const { timeline, cluster } = this.world;
    const { agent, node } = this.#member;
    await timeline.exclusively(`stop ${this.name}`, async () => {
      await cluster.sim.complete(agent[Symbol.asyncDispose]());
      await cluster.sim.complete(node[Symbol.asyncDispose]());
    });
    this.end('stopped');
  }

  /**
   * Another life on the same machine and disk, with other flags if given. Resolves when it has
   * started, before it has registered again: wait until it is `active` for that.
   */
  async restart(flags: Partial<AgentFlags> = {}): Promise<void> {
    this.requireEnded('restart');
    const { timeline, cluster } = this.world;
    await timeline.exclusively(`restart ${this.name}`, () =>
      cluster.restartAgent(this.#member, flags),
    );
    this.#endWithAgent();
  }

  /**
   * A power cut, and another start: its tasks are gone, and so is what was not synced to the disk.
   * Resolves as `restart` does.
   */
  async reboot(): Promise<void> {
    this.world.timeline.requireOpen(`reboot '${this.name}'`);
    if (this.running) this.end('rebooted');
    this.world.cluster.sim.reboot(this.machine);
    await this.restart();
  }

  /** As the `mesos agent` command does: when the agent is over so is its process. */
  #endWithAgent(): void {
    const { agent, process } = this.#member;
    agent.stopped.onReady((reason) => {
      if (process.alive) this.end(`ended itself: ${reason ?? 'it was asked to'}`);
    });
  }
}

const WELCOMES: ReadonlySet<string> = new Set([
  SlaveRegisteredMessage.fullName,
  SlaveReregisteredMessage.fullName,
]);
