import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProtobufProcess } from '../libprocess/index.ts';
import { localNode, Token } from './local-actors.ts';
import type { Result } from './result.ts';

export const name = 'memory/actor';

const ACTORS = 100_000;
/** Long enough for V8 to give up what it only keeps for a while. */
const SETTLE_MS = 200;

/** One typed handler and a state of five fields, as in the figures of its peers. */
class IdleProcess extends ProtobufProcess {
  readonly state = { a: 0, b: 0, c: 0, d: 0, e: 0 };

  constructor(id: string) {
    super(id);
    this.install(Token, () => {
      this.state.a += 1;
    });
  }
}

/** Memory of actors that are initialized and have nothing to do. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const before = await used();
  const pids = Array.from({ length: ACTORS }, (_, i) => node.spawn(new IdleProcess(`idle(${i})`)));
  const after = await used();
  const params = { actors: pids.length };
  const each = (from: number, to: number): number => Math.round((to - from) / ACTORS);
  return [
    { name, params, metric: 'heap', value: each(before.heap, after.heap), unit: 'B/actor' },
    { name, params, metric: 'rss', value: each(before.rss, after.rss), unit: 'B/actor' },
  ];
}

async function used(): Promise<{ readonly heap: number; readonly rss: number }> {
  await wait(SETTLE_MS);
  collectGarbage();
  await wait(SETTLE_MS);
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
