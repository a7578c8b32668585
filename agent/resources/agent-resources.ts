import { Resources } from '../../common/resources.ts';

/** What the machine has, in bytes and processors. */
export interface HostFacts {
  readonly cpus: number;
  readonly memoryBytesTotal: number;
  readonly diskBytesTotal: number;
}

const MB = 1024 * 1024;
const GB = 1024 * MB;
/** What the system and the agent itself keep, of machines that have at least twice as much. */
const MEMORY_KEPT_BYTES = GB;
const DISK_KEPT_BYTES = 5 * GB;

/**
 * What the agent offers: what `--resources` says, and of cpus, mem, disk and ports whatever it does
 * not name as the machine has it (`containerizer.cpp`, `Containerizer::resources`).
 */
export function agentResources(given: Resources, facts: HostFacts): Resources {
  const named = new Set(given.names);
  const detected: [name: string, text: string][] = [
    ['cpus', `cpus:${String(facts.cpus)}`],
    ['mem', `mem:${megabytes(lessKept(facts.memoryBytesTotal, MEMORY_KEPT_BYTES))}`],
    ['disk', `disk:${megabytes(lessKept(facts.diskBytesTotal, DISK_KEPT_BYTES))}`],
    ['ports', 'ports:[31000-32000]'],
  ];
  return detected.reduce(
    (sum, [name, text]) => (named.has(name) ? sum : sum.plus(Resources.from(text))),
    given,
  );
}

function lessKept(totalBytes: number, keptBytes: number): number {
  return totalBytes >= 2 * keptBytes ? totalBytes - keptBytes : totalBytes / 2;
}

function megabytes(bytes: number): string {
  return String(Math.floor(bytes / MB));
}
