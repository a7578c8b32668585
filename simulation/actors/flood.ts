import { Message } from '../../libprocess/message.ts';
import { UPID } from '../../libprocess/upid.ts';
import type { Company } from './actor-story.ts';

const MIB = 1_024 * 1_024;
/** More than a connection holds, with what is on its way. */
const FLOOD_MESSAGES = 110;
const FLOODED_MS = 40_000;

/** One node says more to another than a connection holds, while that one hears nothing (P13). */
export async function flood({ sim, random, members }: Company): Promise<void> {
  const [one, other] = random.shuffle(members);
  if (!one || !other) return;
  const [from] = one.here;
  if (!from) return;
  sim.network.partition([one.machine.ip], [other.machine.ip]);
  const to = new UPID('nobody', other.node.address);
  for (let sent = 0; sent < FLOOD_MESSAGES; sent += 1) {
    const body = new Uint8Array(MIB);
    new DataView(body.buffer).setUint32(0, sent);
    one.node.post(from, () => {
      one.node.send(Message.ofBytes({ name: 'simulation.Flood', from, to }, body));
    });
    if (sent % 10 === 0) await sim.advance(1);
  }
  await sim.advance(random.between(1, FLOODED_MS));
  sim.network.heal();
}
