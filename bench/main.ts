import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, Result } from './result.ts';
import { table } from './table.ts';

interface Bench {
  run(options: BenchOptions): Promise<Result[]>;
}

/** Each by its name; loaded when it is run, in a process of its own if it is not the only one. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  'local/ping-pong': () => import('./local-ping-pong.ts'),
  'local/ring': () => import('./local-ring.ts'),
  'local/socket-latency': () => import('./socket-latency.ts'),
  'libprocess/ClientServer': () => import('./libprocess/client-server.ts'),
  'libprocess/ThroughputPerformance': () => import('./libprocess/throughput-performance.ts'),
  'libprocess/LargeNumberOfLinks': () => import('./libprocess/large-number-of-links.ts'),
  'libprocess/DispatchDefer': () => import('./libprocess/dispatch-defer.ts'),
  'libprocess/ProtobufInstallHandler': () => import('./libprocess/protobuf-install-handler.ts'),
  'libprocess/MetricsScalability': () => import('./libprocess/metrics-scalability.ts'),
  'remote/throughput': () => import('./remote-throughput.ts'),
  'remote/rtt': () => import('./remote-rtt.ts'),
  'remote/tls': () => import('./tls/remote-tls.ts'),
  'memory/actor': () => import('./memory-actor.ts'),
  'memory/command-task': () => import('./memory-command-task.ts'),
  'launch/rate': () => import('./launch-rate.ts'),
  'launch/end-to-end': () => import('./launch-end-to-end.ts'),
  'agent/restart': () => import('./agent-restart.ts'),
  'agent/status-updates': () => import('./status-updates.ts'),
  allocator: () => import('./allocator.ts'),
  'testing/cluster-start': () => import('./testing-cluster-start.ts'),
  soak: () => import('./soak/soak.ts'),
};
/** Takes long, and is run only when it is named. */
const ONLY_BY_NAME = new Set(['soak']);
const MINUTES = '--minutes=';

const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;

/** Set for benchmarks that run apart: the one who started them removes what they wrote. */
const DIRECTORY_VARIABLE = 'MESOS_BENCH_DIRECTORY';

useOneDirectory();
await main(process.argv.slice(2));

/**
 * Nothing is removed before all is measured: what was freed on ext4 weighs for minutes on what is
 * created.
 */
function useOneDirectory(): void {
  if (process.env[DIRECTORY_VARIABLE] !== undefined) return;
  const directory = mkdtempSync(join(tmpdir(), 'mesos-bench-'));
  process.env[DIRECTORY_VARIABLE] = process.env['TMPDIR'] = directory;
  process.on('SIGINT', () => process.exit(EXIT_INTERRUPTED));
  process.on('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
}

/**
 * `[--json] [--minutes=N] [name…]`: a name is that of a bench or the first part of several; none
 * means all that end by themselves.
 */
async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const minutes = args.find((arg) => arg.startsWith(MINUTES))?.slice(MINUTES.length);
  const wanted = args.filter((arg) => arg !== '--json' && !arg.startsWith(MINUTES));
  const names = Object.keys(BENCHES);
  const unknown = wanted.filter((prefix) => !names.some((name) => matches(name, prefix)));
  if (unknown.length > 0) {
    console.error(`No benchmark '${unknown.join("', '")}'. There are: ${names.join(', ')}`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (minutes !== undefined && !(Number(minutes) > 0)) {
    console.error(`'${MINUTES}${minutes}' is no number of minutes`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const chosen = names.filter(
    (name) =>
      (wanted.length === 0 && !ONLY_BY_NAME.has(name)) ||
      wanted.some((prefix) => matches(name, prefix)),
  );
  const results: Result[] = [];
  for (const name of chosen) {
    const found = chosen.length === 1 ? await BENCHES[name]?.() : undefined;
    const lines = found
      ? await found.run(minutes === undefined ? {} : { minutes: Number(minutes) })
      : runApart(name, args);
    if (json) for (const line of lines) console.log(JSON.stringify(line));
    results.push(...lines);
  }
  if (!json) console.log(table(results));
}

function matches(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** In a fresh process: no bench is slowed down by what another left in the heap and the compiler. */
function runApart(name: string, args: readonly string[]): Result[] {
  const script = fileURLToPath(import.meta.url);
  const options = args.filter((arg) => arg.startsWith(MINUTES));
  const { status, stdout } = spawnSync(process.execPath, [script, '--json', ...options, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    console.error(`Benchmark '${name}' failed`);
    process.exitCode = 1;
  }
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Result);
}
