import { dispatch, UPID } from '../libprocess/index.ts';
import { CallerProcess, openNode } from './remote-actors.ts';
import { remoteNode } from './remote-node.ts';
import type { Result } from './result.ts';

export const name = 'remote/throughput';

const MESSAGES = 400_000;
const IN_FLIGHT = 4_096;

/** Two processes over loopback; each message is encoded, routed, decoded and answered. */
export async function run(): Promise<Result[]> {
  using remote = await remoteNode();
  await using node = await openNode();
  const results: Result[] = [];
  for (const actors of [1, 16]) {
    await measure(actors, MESSAGES / 10);
    const seconds = await measure(actors, MESSAGES);
    const params = { actors, in_flight: IN_FLIGHT };
    const value = Math.round((2 * MESSAGES) / seconds);
    results.push({ name, params, metric: 'two-way', value, unit: 'msg/s' });
  }
  return results;

  async function measure(actors: number, messages: number): Promise<number> {
    const callers = Array.from({ length: actors }, (_, index) => {
      let done: () => void = () => undefined;
      const answered = new Promise<void>((resolve) => (done = resolve));
      const to = new UPID(`echo(${index + 1})`, remote.address);
      const id = node.generateId('caller');
      const pid = node.spawn(new CallerProcess(id, { to, count: messages / actors, done }));
      return { pid, answered };
    });
    const since = performance.now();
    for (const { pid } of callers) void dispatch(pid, 'go', IN_FLIGHT / actors);
    await Promise.all(callers.map(({ answered }) => answered));
    const seconds = (performance.now() - since) / 1_000;
    for (const { pid } of callers) node.terminate(pid);
    return seconds;
  }
}
