import type { RunSpecification, RunUsage } from '../launcher.ts';

/** A run as the launcher subprocess signals it. */
export interface Target {
  readonly containerId: string;
  readonly pid: number;
  readonly startTime: number;
  readonly sandbox: string | undefined;
}

/** A line from the agent to its launcher subprocess, as JSON. */
export type Order =
  | {
      /** Always the first. */
      readonly do: 'hello';
      readonly bootId: string;
      readonly runtimeDirectory: string;
      /** Written into the owner file by the agent; another text there means another agent. */
      readonly owner: string;
      readonly recoveryTimeoutMs: number;
    }
  | { readonly do: 'start'; readonly run: RunSpecification }
  | { readonly do: 'watch'; readonly target: Target; readonly checkpoint: boolean }
  | { readonly do: 'release'; readonly target: Target }
  | { readonly do: 'signal'; readonly target: Target; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly do: 'destroy'; readonly target: Target }
  | { readonly do: 'usage'; readonly target: Target };

/** A line from the launcher subprocess to its agent. */
export type Report =
  | {
      readonly tell: 'refused';
      readonly containerId: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly tell: 'gone'; readonly containerId: string }
  /** What a wrapper said, where there is no FIFO for it. */
  | { readonly tell: 'notice'; readonly containerId: string; readonly line: string }
  | { readonly tell: 'destroyed'; readonly containerId: string }
  | { readonly tell: 'usage'; readonly containerId: string; readonly usage?: RunUsage };

/** The file whose text says which agent the runs of a runtime directory belong to. */
export const OWNER_FILE = 'owner';
/** The FIFO into which wrappers write; the agent reads it, or finds it full of news. */
export const NOTIFY_FILE = 'notify';

/** Bytes of a line without an end that are kept: more than any line of ours. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;

/** Cuts a stream into lines. */
export class LineReader {
  #rest = '';
  readonly #line: (line: string) => void;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = rest.length > LINE_BYTES_MAX ? '' : rest;
    for (const line of lines) this.#line(line);
  }
}
