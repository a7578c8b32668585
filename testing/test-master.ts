import { TestHost, type HostWorld, type Life } from './test-host.ts';

/** The master of a test's cluster, through all its lives. Its registry outlives each. */
export class TestMaster extends TestHost {
  constructor(world: HostWorld) {
    super(world, world.cluster.masterMachine);
  }

  protected override get life(): Life {
    const { masterProcess: process, masterNode: node } = this.world.cluster;
    return { process, node };
  }

  /** Another life at the same address: it recovers the registry, and all come back to it. */
  async restart(): Promise<void> {
    this.requireEnded('restart');
    await this.world.timeline.exclusively('restart the master', () =>
      this.world.cluster.startMaster(),
    );
  }

  /** A power cut, and another start. */
  async reboot(): Promise<void> {
    this.world.timeline.requireOpen(`reboot '${this.name}'`);
    if (this.running) this.end('rebooted');
    this.world.cluster.sim.reboot(this.machine);
    await this.restart();
  }

  /** The master ended itself; its process ends with it, as that of the command does. */
  failed(reason: string): void {
    if (this.running) this.end(`ended itself: ${reason}`);
  }
}
