import { RuntimeError } from '../../libprocess/errors.ts';
import type { ProcessTraceLine } from '../../libprocess/observe/process-trace.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { Host } from './host.ts';
import { followProcess } from './node-client.ts';
import { printable, safeJson } from './printable.ts';

export interface TraceOptions {
  readonly json?: boolean;
  readonly count?: number;
  readonly timeout: number;
}

/** Prints what a process hears and says until it ends or `count` lines have come; Ctrl-C throws. */
export async function trace(host: Host, pid: UPID, options: TraceOptions): Promise<void> {
  const { signal } = host;
  let left = options.count ?? Infinity;
  for await (const line of followProcess(pid.address, pid.id, {
    env: host.env,
    timeoutMs: options.timeout,
    signal,
  })) {
    host.stdout.write(`${options.json === true ? jsonText(line) : lineText(line)}\n`);
    left -= 1;
    if (left <= 0) return;
  }
}

/** The line for programs, without what a terminal would obey. Throws as `lineText` does. */
const jsonText = (json: string): string => safeJson(parse(json));

/** One line for people. Throws `RuntimeError` with `UNEXPECTED` if it is none of a trace. */
export function lineText(json: string): string {
  const line = parse(json);
  const time = new Date(line.at).toISOString().slice(11, 23);
  switch (line.kind) {
    case 'handled': {
      const from = line.from === undefined ? '' : ` from ${line.from}`;
      return printable(
        `${time} handled ${line.type} ${nameOf(line)}${from}, ${line.ms.toFixed(3)} ms`,
      );
    }
    case 'sent':
      return printable(`${time} sent ${nameOf(line)} to ${line.to}`);
    case 'dropped':
      return `${time} ${line.lines} lines left out: they came too fast`;
    case 'ended':
      return `${time} ended`;
  }
}

/** Of a remote call the method, too. */
const nameOf = ({ name, method }: { readonly name: string; readonly method?: string }): string =>
  method === undefined ? name : `${name} ${method}`;

function parse(json: string): ProcessTraceLine {
  let line: unknown;
  try {
    line = JSON.parse(json);
  } catch (cause) {
    throw new RuntimeError('UNEXPECTED', 'The node sent a line that is no JSON', cause);
  }
  if (isLine(line)) return line;
  throw new RuntimeError('UNEXPECTED', `The node sent no line of a trace: ${printable(json)}`);
}

/** As far as it is looked at here. */
function isLine(value: unknown): value is ProcessTraceLine {
  const { at, kind, ms = 0 } = Object(value) as Readonly<Record<string, unknown>>;
  const known = typeof kind === 'string' && KINDS.has(kind);
  return known && Math.abs(Number(at)) <= TIME_MS_MAX && typeof ms === 'number';
}

const KINDS: ReadonlySet<string> = new Set(['handled', 'sent', 'dropped', 'ended']);
/** Latest time of a `Date`. */
const TIME_MS_MAX = 8.64e15;
