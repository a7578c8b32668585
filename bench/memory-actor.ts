import { ProtobufProcess } from '../libprocess/index.ts';
import { memoryInUse } from './garbage.ts';
import { localNode, Token } from './local-actors.ts';
import type { Result } from './result.ts';

export const name = 'memory/actor';

const ACTORS = 100_000;

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
  const before = await memoryInUse();
  const pids = Array.from({ length: ACTORS }, (_, i) => node.spawn(new IdleProcess(`idle(${i})`)));
  const after = await memoryInUse();
  const params = { actors: pids.length };
  const each = (from: number, to: number): number => Math.round((to - from) / ACTORS);
  return [
    { name, params, metric: 'heap', value: each(before.heap, after.heap), unit: 'B/actor' },
    { name, params, metric: 'rss', value: each(before.rss, after.rss), unit: 'B/actor' },
  ];
}
