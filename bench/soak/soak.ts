import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { SILENT_LOGGER, startNode } from '../../libprocess/index.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { memoryInUse, type Memory } from '../garbage.ts';
import type { BenchOptions, Result } from '../result.ts';
import { slopeOf } from './slope.ts';
import {
  CallingProcess,
  ChurnProcess,
  HttpProcess,
  SendingProcess,
  SinkProcess,
  zeroTally,
  type Tally,
} from './soak-actors.ts';
import { startPeer } from './soak-peers.ts';

export const name = 'soak';

const MINUTES_DEFAULT = 10;
const MINUTE_MS = 60_000;
/** In each cycle one peer stops reading for so long, another dies, and then all may settle, the flood too. */
const DEAF_MS = 8_000;
const SETTLE_MS = 4_000;
const SINK_LOOK_MS = 50;
/** One may find a buffer of megabytes on its way; in some one there is none. */
const LOOKS = 5;
/** Cycles before memory counts: caches fill, and the compiler works. */
const WARM_UP_PART = 0.2;
const CYCLES_MIN = 8;
/** Nobody listens there. */
const NOBODY = '127.0.0.1:9';
const MIB = 1_048_576;
/** Growth over the time that was measured which is still flat, whichever is more. */
const FLAT = {
  heap: { bytes: 2 * MIB, part: 0.05 },
  rss: { bytes: 16 * MIB, part: 0.1 },
} as const;

/**
 * A node among peers that are slow, dead, deaf and flooding, while actors come and go, calls are
 * made and requests answered. Its memory is the least of a few looks in each cycle, when all queues
 * should be empty.
 */
export async function run({ minutes = MINUTES_DEFAULT }: BenchOptions): Promise<Result[]> {
  const tally = zeroTally();
  const runtime = nodeRuntime({ logger: SILENT_LOGGER });
  await using node = await startNode({ runtime });
  node.spawn(new HttpProcess(tally));
  const sink = node.spawn(new SinkProcess(tally));
  const target = node.address;
  const [healthy, flooding, slow, deaf] = [
    await startPeer('healthy', { target }),
    await startPeer('flooding', { target }),
    await startPeer('slow', { target }),
    await startPeer('deaf', { target }),
  ];
  let dying = await startPeer('dying', { target });
  for (const { address } of [healthy, dying]) node.spawn(new CallingProcess(address, tally));
  node.spawn(new CallingProcess(NOBODY, tally));
  node.spawn(new ChurnProcess(tally));
  const sendTo = (address: string, bytes: number, everyMs: number): void => {
    node.spawn(new SendingProcess({ address, bytes, everyMs, tally }));
  };
  sendTo(slow.address, 4_096, 50);
  sendTo(deaf.address, 96 * 1_024, 10);
  sendTo(dying.address, 1_024, 10);

  const samples: (Memory & { readonly atMs: number })[] = [];
  const end = performance.now() + minutes * MINUTE_MS;
  while (performance.now() < end) {
    deaf.child.kill('SIGSTOP');
    const dead = once(dying.child, 'exit');
    dying.child.kill('SIGKILL');
    await dead;
    await wait(DEAF_MS);
    deaf.child.kill('SIGCONT');
    flooding.child.kill('SIGSTOP');
    const port = Number(dying.address.split(':')[1]);
    dying = await startPeer('dying', { target, port });
    await wait(SETTLE_MS);
    while (node.waiting(sink, 'message') > 0) await wait(SINK_LOOK_MS);
    samples.push({ atMs: performance.now(), ...(await leastInUse()) });
    flooding.child.kill('SIGCONT');
  }
  for (const { child } of [healthy, flooding, slow, deaf, dying]) child.kill('SIGKILL');
  return report(minutes, tally, samples);
}

async function leastInUse(): Promise<Memory> {
  let least = await memoryInUse();
  for (let look = 1; look < LOOKS; look += 1) {
    const { heap, rss } = await memoryInUse();
    least = { heap: Math.min(heap, least.heap), rss: Math.min(rss, least.rss) };
  }
  return least;
}

function report(
  minutes: number,
  tally: Tally,
  samples: readonly (Memory & { readonly atMs: number })[],
): Result[] {
  const params = { minutes };
  const result = (metric: string, value: number, unit: string): Result => ({
    name,
    params,
    metric,
    value,
    unit,
  });
  const counted = samples.slice(Math.floor(samples.length * WARM_UP_PART));
  let failed = samples.length < CYCLES_MIN;
  if (failed) console.error(`${samples.length} samples are too few: --minutes=2 or more`);
  const memory = (['heap', 'rss'] as const).flatMap((kind) => {
    const slope = slopeOf(counted.map(({ atMs, [kind]: bytes }) => ({ atMs, bytes })));
    const allowed = Math.max(FLAT[kind].bytes, FLAT[kind].part * slope.meanBytes);
    const flat = slope.grownBytes <= allowed;
    failed ||= !flat;
    return [
      result(`${kind} mean`, tenths(slope.meanBytes), 'MiB'),
      result(`${kind} slope, ${flat ? 'flat' : 'NOT FLAT'}`, tenths(slope.bytesPerHour), 'MiB/h'),
    ];
  });
  const idle = Object.entries(tally).filter(([, count]) => count === 0);
  if (idle.length > 0) console.error(`Nothing happened of: ${idle.map(([key]) => key).join(', ')}`);
  if (failed || idle.length > 0) process.exitCode = 1;
  return [
    result('samples', counted.length, ''),
    ...memory,
    ...Object.entries(tally).map(([metric, count]) => result(metric, count as number, '')),
  ];
}

const tenths = (bytes: number): number => Math.round((10 * bytes) / MIB) / 10;
