import { dispatch, UPID } from '../libprocess/index.ts';
import { CallerProcess, openNode } from './remote-actors.ts';
import { remoteNode } from './remote-node.ts';
import type { Result } from './result.ts';

export const name = 'remote/rtt';

const ROUND_TRIPS = 20_000;
const WARM_UP = 5_000;

/** One message at a time between two processes over loopback, and its answer. */
export async function run(): Promise<Result[]> {
  using remote = await remoteNode();
  await using node = await openNode();
  let done: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (done = resolve));
  const to = new UPID('echo(1)', remote.address);
  const count = WARM_UP + ROUND_TRIPS;
  const caller = new CallerProcess('caller', { to, count, timed: true, done });
  void dispatch(node.spawn(caller), 'go', 1);
  await answered;
  const times = caller.times ?? new Float64Array(0);
  const spans = times
    .subarray(WARM_UP + 1)
    .map((time, index) => time - (times[WARM_UP + index] ?? 0));
  spans.sort();
  const at = (part: number): number =>
    Math.round(1_000 * (spans[Math.floor(part * spans.length)] ?? 0));
  return (['p50', 'p99'] as const).map((metric) => ({
    name,
    params: { round_trips: ROUND_TRIPS },
    metric,
    value: at(metric === 'p50' ? 0.5 : 0.99),
    unit: 'us',
  }));
}
