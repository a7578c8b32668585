import { describe, expect, test } from '@jest/globals';
import { startNode, type PID, type ProcessManager } from '../../libprocess/index.ts';
import { Simulation, type SimNode } from '../../libprocess/sim/index.ts';
import { LinkChecks } from '../../simulation/checks/link-checks.ts';
import { MessageChecks } from '../../simulation/checks/message-checks.ts';
import { observeWorld } from '../../simulation/checks/observe-world.ts';
import { orderCount, ordersFrom } from '../support/all-orders.ts';
import { Chatter } from './chatter.ts';

const PORT = 5_050;
const STEPS = ['link', 'relink', 'speak', 'end', 'reset', 'half-open', 'restart'] as const;
type Step = (typeof STEPS)[number];
/** Steps come all at once, or each when what it causes is over. */
const GAPS_MS = [0, 50] as const;
const DEPTH = 3;
/** As long as it takes to find out that a connection is half open, and what is owed after that. */
const REST_MS = 150_000;

interface Side {
  process: SimNode;
  node: ProcessManager;
  chatter: Chatter;
  pid: PID<Chatter>;
}

async function boot(sim: Simulation, machine = sim.machine()): Promise<Side> {
  const process = sim.boot(machine);
  const { runtime } = process;
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, port: PORT }));
  const chatter = new Chatter('chatter');
  return { process, node, chatter, pid: node.spawn(chatter) };
}

/** Two nodes, one of which hears of the other; what is not so is a violation of a rule. */
async function run(steps: readonly Step[], gapMs: number): Promise<readonly string[]> {
  const sim = new Simulation({ seed: 1 });
  const history = observeWorld(sim);
  new MessageChecks(history);
  new LinkChecks(history);
  const [here, there] = [await boot(sim), await boot(sim)];
  here.chatter.watch(there.pid);
  there.chatter.watch(here.pid);
  await sim.advance(50);
  for (const step of steps) {
    await take(step, { sim, here, there });
    await sim.advance(gapMs);
  }
  await sim.advance(1_000);
  history.calm();
  here.chatter.watch(there.pid, 'reconnect');
  here.chatter.say(there.pid, 1);
  await sim.advance(REST_MS);
  history.rest();
  return history.violations.map(({ id, what }) => `${id}: ${what}`);
}

async function take(
  step: Step,
  { sim, here, there }: { readonly sim: Simulation; readonly here: Side; readonly there: Side },
): Promise<void> {
  const [link] = sim.network.links();
  if (step === 'link') here.chatter.watch(there.pid);
  else if (step === 'relink') here.chatter.watch(there.pid, 'reconnect');
  else if (step === 'end') there.node.terminate(there.pid, { inject: false });
  else if (step === 'reset') link?.reset();
  else if (step === 'half-open') link?.halfOpen('server');
  else if (step === 'restart') {
    sim.kill(there.process);
    Object.assign(there, await boot(sim, there.process.machine));
  } else {
    here.chatter.say(there.pid, 2);
    there.chatter.say(here.pid, 2);
  }
}

const COUNT = orderCount(STEPS.length, DEPTH) * GAPS_MS.length;

describe(`two linked nodes, in all ${String(COUNT)} orders of up to ${String(DEPTH)} steps`, () => {
  const rules = '[P2 to P4, P7, P8, P14]';
  test.each(STEPS)(`keep the rules if the first is: %s ${rules}`, async (first) => {
    let orders = 0;
    for (const steps of ordersFrom(first, STEPS, DEPTH)) {
      for (const gapMs of GAPS_MS) {
        orders += 1;
        const violations = await run(steps, gapMs);
        expect({ steps, gapMs, violations }).toEqual({ steps, gapMs, violations: [] });
      }
    }
    expect(orders).toBe(COUNT / STEPS.length);
  });
});
