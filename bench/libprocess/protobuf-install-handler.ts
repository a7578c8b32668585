import { Message, ProtobufProcess, UPID } from '../../libprocess/index.ts';
import { CONSUME } from '../../libprocess/plumbing.ts';
import { localNode } from '../local-actors.ts';
import type { Result } from '../result.ts';
import { besideCpp, rounded } from './cpp.ts';
import { Tree, treeOf } from './tree-message.ts';

export const name = 'libprocess/ProtobufInstallHandler';

/** How many sub-messages, and what C++ handles of such messages in a second. */
const SIZES = [
  [0, 6_700_000],
  [1, 5_400_000],
  [5, 3_300_000],
  [10, 2_300_000],
  [50, 640_000],
  [100, 350_000],
  [500, 77_000],
  [1_000, 40_000],
  [5_000, 7_900],
  [10_000, 3_900],
] as const;
const MEASURED_MS = 1_000;
const WARM_UP_MS = 200;

class HandlerProcess extends ProtobufProcess {
  handled = 0;

  constructor() {
    super('handler');
    this.install(Tree, () => {
      this.handled += 1;
    });
  }
}

/** From the bytes of a message to the handler that is installed for it; no mailbox between. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const handler = new HandlerProcess();
  const to = node.spawn(handler);
  const from = new UPID('sender', '127.0.0.1:2');
  const head = { name: Tree.fullName, from, to };
  return SIZES.flatMap(([submessages, cpp]) => {
    const body = Tree.encode(treeOf(submessages));
    const perSecond = (forMs: number): number => {
      const before = handler.handled;
      const since = performance.now();
      let elapsedMs = 0;
      // The time of a look at the clock must not count among the smallest.
      const batch = Math.ceil(2_000 / (submessages + 1));
      while (elapsedMs < forMs) {
        for (let i = 0; i < batch; i += 1) handler[CONSUME](Message.ofBytes(head, body));
        elapsedMs = performance.now() - since;
      }
      return (1_000 * (handler.handled - before)) / elapsedMs;
    };
    perSecond(WARM_UP_MS);
    const params = { submessages, bytes: body.length };
    const value = rounded(perSecond(MEASURED_MS));
    return besideCpp({ name, params, metric: 'throughput', value, unit: 'msg/s' }, cpp);
  });
}
