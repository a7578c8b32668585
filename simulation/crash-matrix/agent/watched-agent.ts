import type { AgentFlags } from '../../../agent/flags.ts';
import type { Machine, SimNode } from '../../../libprocess/sim/index.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { Violation, type Stage } from '../stage.ts';

const SLICE_MS = 100;
const RESTARTS_AFTER_MS = 300;
/** Each with a pid that processes had before the power cut. */
const BYSTANDERS = 12;
/** Recovery, reregistration, and each update repeated a few times. */
const LASTS_MS_MAX = 10 * 60_000;

export interface WatchedAgentOptions {
  readonly stage: Stage;
  readonly cluster: Cluster;
  readonly machine: Machine;
  readonly flags: AgentFlags;
  /** It has crashed, and is about to start again. */
  readonly onRestart?: () => void;
}

/** The agent of a story: crashes where the stage says so, and is started again each time. */
export class WatchedAgent {
  readonly #options: WatchedAgentOptions;
  readonly #bystanders: SimNode[] = [];
  #process: SimNode;
  #powerCuts: number;

  /** Starts it. From now on its disk is watched. */
  constructor(options: WatchedAgentOptions) {
    this.#options = options;
    const { stage, machine } = options;
    this.#powerCuts = stage.powerCuts;
    stage.watch(machine, { pid: () => this.#process.pid, kill: () => this.kill() });
    this.#process = this.#boot();
  }

  kill(): void {
    this.#options.stage.sim.kill(this.#process);
  }

  /** Lets time pass until nothing is missing. */
  async until(missing: () => string | undefined, withinMs = LASTS_MS_MAX): Promise<void> {
    const { stage, onRestart } = this.#options;
    const { sim } = stage;
    const endsAtMs = sim.nowMs + withinMs;
    for (let what = missing(); what !== undefined || stage.down; what = missing()) {
      if (sim.nowMs > endsAtMs) throw new Violation(`${what ?? ''} (after ${withinMs} ms)`);
      await sim.advance(SLICE_MS);
      stage.checkSoFar();
      if (!stage.down) continue;
      await sim.advance(RESTARTS_AFTER_MS);
      onRestart?.();
      this.#process = this.#boot();
    }
  }

  /** R5: after a power cut pids are others'. Nothing crashes any more; the agent is gone. */
  finish(): void {
    const { stage, machine, cluster } = this.#options;
    machine.disk.crashAt = undefined;
    stage.check();
    this.kill();
    const [failure] = cluster.failures;
    if (failure !== undefined) throw new Violation(failure);
    // Those of the first boot end with the second.
    const alive = this.#bystanders.filter((each) => each.alive).length;
    if (this.#bystanders.length > 0 && alive !== BYSTANDERS)
      throw new Violation(`R5: of ${BYSTANDERS} other processes ${alive} live`);
  }

  #boot(): SimNode {
    const { stage, machine, cluster, flags } = this.#options;
    const { sim } = stage;
    stage.up();
    if (stage.powerCuts > this.#powerCuts) {
      this.#powerCuts = stage.powerCuts;
      for (let count = 0; count < BYSTANDERS; count += 1) this.#bystanders.push(sim.boot(machine));
    }
    const { process, started } = cluster.launchAgent(machine, flags);
    started.then(
      ({ agent }) => {
        agent.stopped.onReady((why) => {
          if (process.alive) stage.fail(`R12: the agent has ended itself: ${why ?? ''}`);
        });
      },
      (error: unknown) => {
        stage.fail(`R12: the agent cannot start again: ${String(error)}`);
      },
    );
    return process;
  }
}
