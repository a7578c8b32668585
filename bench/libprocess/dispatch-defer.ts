import { defer, dispatch, Process, tell, type PID } from '../../libprocess/index.ts';
import { bestSeconds, localNode } from '../local-actors.ts';
import type { Result } from '../result.ts';
import { besideCpp, rounded } from './cpp.ts';

export const name = 'libprocess/DispatchDefer';

const REPEATS = 100_000;
const INTEGERS = 10_240;
const KINDS = [
  { data: 'movable', handOver: (data: Int32Array) => data, cppSeconds: 0.19 },
  { data: 'copyable', handOver: (data: Int32Array) => data.slice(), cppSeconds: 0.29 },
] as const;

class DispatchProcess extends Process {
  readonly #handOver: (data: Int32Array) => Int32Array;
  #left = 0;
  #done: () => void = () => undefined;

  constructor(id: string, handOver: (data: Int32Array) => Int32Array) {
    super(id);
    this.#handOver = handOver;
  }

  run(repeats: number, done: () => void): void {
    this.#left = repeats;
    this.#done = done;
    this.#call(new Int32Array(INTEGERS));
  }

  take(data: Int32Array): Int32Array {
    return data;
  }

  taken(data: Int32Array): void {
    this.#left -= 1;
    if (this.#left === 0) this.#done();
    else this.#call(data);
  }

  #call(data: Int32Array): void {
    const self: PID<DispatchProcess> = this.self;
    void dispatch(self, 'take', this.#handOver(data)).then(defer(self, 'taken'));
  }
}

/**
 * A call, and the continuation of its result, with a vector of 40 KiB that goes all the way: by
 * reference, or copied where it is handed over, as data that C++ cannot move would be.
 */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const results: Result[] = [];
  for (const { data, handOver, cppSeconds } of KINDS) {
    const pid = node.spawn(new DispatchProcess(data, handOver));
    const seconds = await bestSeconds(
      () =>
        new Promise((done) => {
          tell(pid, 'run', REPEATS, done);
        }),
    );
    const params = { data, repeats: REPEATS, integers: INTEGERS };
    const value = rounded(seconds);
    results.push(...besideCpp({ name, params, metric: 'elapsed', value, unit: 's' }, cppSeconds));
  }
  return results;
}
