import { RuntimeError } from '../../libprocess/errors.ts';
import type { ProcessTraceLine } from '../../libprocess/observe/process-trace.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { Host } from './host.ts';
import { followProcess } from './node-client.ts';
import { printable } from './process-table.ts';

export interface TraceOptions {
  readonly json?: boolean;
  readonly count?: number;
  readonly timeout: number;
}

/** Prints what a process hears and says until it ends, `count` lines have come, or Ctrl-C. */
export async function trace(host: Host, pid: UPID, options: TraceOptions): Promise<void> {
  const { signal } = host;
  let left = options.count ?? Infinity;
  try {
    for await (const line of followProcess(pid.address, pid.id, {
      env: host.env,
      timeoutMs: options.timeout,
      signal,
    })) {
      host.stdout.write(`${options.json === true ? line : lineText(line)}\n`);
      left -= 1;
      if (left <= 0) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function lineText(json: string): string {
  const line = parse(json);
  const time = new Date(line.at).toISOString().slice(11, 23);
  switch (line.kind) {
    case 'handled': {
      const from = line.from === undefined ? '' : ` from ${line.from}`;
      return printable(
        `${time} handled ${line.type} ${line.name}${from}, ${line.ms.toFixed(3)} ms`,
      );
    }
    case 'sent':
      return printable(`${time} sent ${line.name} to ${line.to}`);
    case 'dropped':
      return `${time} ${line.lines} lines left out: they came too fast`;
    case 'ended':
      return `${time} ended`;
  }
}

/** What it is was settled between our own two ends. */
function parse(json: string): ProcessTraceLine {
  try {
    return JSON.parse(json) as ProcessTraceLine;
  } catch (cause) {
    throw new RuntimeError('UNEXPECTED', 'The node sent a line that is no JSON', cause);
  }
}
