import { join } from 'node:path/posix';
import type { ExitStatus } from '../../../libprocess/subprocess.ts';
import { SIGNAL_NAMES } from './signals.ts';
import type { RunIdentity } from './launcher.ts';

/** What an agent writes into a claim that it takes away; a wrapper's own claim is empty. */
export const REVOKED = 'revoked\n';

/** Where the containers of an agent are, below `--runtime_dir`. */
export function containersDirectory(runtimeDirectory: string): string {
  return join(runtimeDirectory, 'containers');
}

export interface RunPaths {
  readonly directory: string;
  readonly pid: string;
  readonly claim: string;
  readonly status: string;
}

export function runPaths(runtimeDirectory: string, containerId: string): RunPaths {
  const directory = join(containersDirectory(runtimeDirectory), containerId);
  return {
    directory,
    pid: join(directory, 'pid'),
    claim: join(directory, 'claim'),
    status: join(directory, 'status'),
  };
}

/** A container id names a directory, so it must be one plain file name. */
export function isPlainName(containerId: string): boolean {
  return /^[A-Za-z0-9_.-]{1,242}$/.test(containerId) && !/^\.+$/.test(containerId);
}

/** `<pid> <start time> <boot id>`; undefined without its newline: a record cut short is none. */
export function parsePid(text: string): RunIdentity | undefined {
  const match = /^(\d+) (\d+) (\S+)\n/.exec(text);
  if (!match) return undefined;
  return { pid: Number(match[1]), startTime: Number(match[2]), bootId: match[3] ?? '' };
}

/** `exit N` or `signal N`; undefined without its newline. What follows it is reserved room. */
export function parseStatus(text: string): ExitStatus | undefined {
  const match = /^(exit|signal) (\d+)\n/.exec(text);
  if (!match) return undefined;
  const number = Number(match[2]);
  return match[1] === 'exit' ? { code: number } : { signal: signalName(number) };
}

/** How a wrapper writes an ending. */
export function formatStatus(status: ExitStatus): string {
  if (status.signal === undefined) return `exit ${status.code}\n`;
  return `signal ${SIGNAL_NAMES.indexOf(status.signal)}\n`;
}

function signalName(number: number): string {
  return SIGNAL_NAMES[number] ?? `SIG${number}`;
}

/** A line that a wrapper writes into the agent's FIFO, always after the file it tells of. */
export type Notice =
  | {
      readonly kind: 'started';
      readonly containerId: string;
      readonly pid: number;
      readonly startTime: number;
    }
  | { readonly kind: 'ended'; readonly containerId: string; readonly status: ExitStatus };

/** Undefined for anything that no wrapper would write. */
export function parseNotice(line: string): Notice | undefined {
  const started = /^S (\S+) (\d+) (\d+)$/.exec(line);
  if (started?.[1] !== undefined) {
    const [, containerId] = started;
    return {
      kind: 'started',
      containerId,
      pid: Number(started[2]),
      startTime: Number(started[3]),
    };
  }
  const ended = /^E (\S+) (.*)$/.exec(line);
  const status = parseStatus(`${ended?.[2] ?? ''}\n`);
  if (ended?.[1] === undefined || !status) return undefined;
  return { kind: 'ended', containerId: ended[1], status };
}
