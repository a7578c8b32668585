import { DisposerStack } from '../../libprocess/index.ts';
import { libprocessPeer } from '../peers/libprocess-peer.ts';
import { inOtherProcess, SECURE } from '../peers/other-process.ts';
import type { RemoteClient } from '../peers/remote-peer.ts';
import type { Result } from '../result.ts';
import { secureEnvironment } from './secure-environment.ts';

export const name = 'remote/tls';

const MESSAGES = 200_000;
const IN_FLIGHT = 4_096;
const ROUND_TRIPS = 2_000;
/** Of which the first is not counted. Plain and secured take turns, so that load falls on both alike. */
const ROUNDS = 6;

interface Side {
  readonly what: string;
  readonly client: RemoteClient;
  readonly messagesPerSecond: number[];
  readonly roundTripUs: number[];
}

/** What TLS costs: the same exchange between two processes, plain and with mutual certificates. */
export async function run(): Promise<Result[]> {
  await using stack = new DisposerStack();
  const environment = secureEnvironment();
  stack.defer(() => {
    environment[Symbol.dispose]();
  });
  const sides: Side[] = [];
  for (const secure of [false, true]) {
    const other = stack.use(await inOtherProcess(secure ? SECURE : 'libprocess'));
    const client = stack.use(await libprocessPeer(1, { secure }).connect(other.address));
    const what = secure ? 'TLS' : 'plain';
    sides.push({ what, client, messagesPerSecond: [], roundTripUs: [] });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { client, messagesPerSecond, roundTripUs } of sides) {
      const seconds = await timed(client, { count: MESSAGES, inFlight: IN_FLIGHT });
      const alone = await timed(client, { count: ROUND_TRIPS, inFlight: 1 });
      if (round === 0) continue;
      messagesPerSecond.push((2 * MESSAGES) / seconds);
      roundTripUs.push((1e6 * alone) / ROUND_TRIPS);
    }
  }
  const results = sides.flatMap(({ what, messagesPerSecond, roundTripUs }) => [
    row(what, { metric: 'two-way', value: Math.round(median(messagesPerSecond)), unit: 'msg/s' }),
    row(what, { metric: 'round trip', value: Math.round(median(roundTripUs)), unit: 'us' }),
  ]);
  const [plain, secure] = sides;
  if (plain && secure) {
    const of = (pick: (side: Side) => number[]): number =>
      Number((median(pick(secure)) / median(pick(plain))).toFixed(2));
    const twoWay = of((side) => side.messagesPerSecond);
    const roundTrip = of((side) => side.roundTripUs);
    results.push(row('TLS/plain', { metric: 'two-way', value: twoWay, unit: 'ratio' }));
    results.push(row('TLS/plain', { metric: 'round trip', value: roundTrip, unit: 'ratio' }));
  }
  return results;
}

async function timed(
  client: RemoteClient,
  options: { readonly count: number; readonly inFlight: number },
): Promise<number> {
  const since = performance.now();
  await client.exchange(options);
  return (performance.now() - since) / 1_000;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const row = (what: string, figure: Pick<Result, 'metric' | 'value' | 'unit'>): Result => ({
  name,
  params: { what },
  ...figure,
});
