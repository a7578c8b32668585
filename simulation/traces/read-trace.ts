import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TraceLine } from '../../libprocess/trace-line.ts';

/** A trace cannot be read. */
export class TraceError extends Error {
  readonly code = 'BAD_TRACE';
}

/** What each kind of line has besides `at` and `node`: texts, but for the pid. */
const FIELDS: Readonly<Record<TraceLine['kind'], readonly string[]>> = {
  begun: ['boot'],
  spawned: ['process'],
  ended: ['process'],
  sent: ['from', 'to', 'name', 'body'],
  delivered: ['from', 'to', 'name', 'body'],
  undelivered: ['from', 'to', 'name', 'body'],
  linked: ['linker', 'to', 'mode'],
  exited: ['linker', 'of'],
  lost: ['address'],
};

/**
 * The lines of the file at `path`, one after the other. A last one that was torn by the end of its
 * program is left out; anything else that is no line of a trace is a `TraceError`.
 */
export async function* readTrace(path: string): AsyncGenerator<TraceLine> {
  let number = 0;
  let torn: number | undefined;
  for await (const text of linesOf(path)) {
    if (torn !== undefined) throw new TraceError(`'${path}': line ${torn} is none of a trace`);
    number += 1;
    const line = parseLine(text);
    if (line) yield line;
    else torn = number;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw new TraceError(`Failed to read '${path}': ${String(error)}`);
  } finally {
    input.destroy();
  }
}

function parseLine(text: string): TraceLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLine(value) ? value : undefined;
}

function isLine(value: unknown): value is TraceLine {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const kind = fields.get('kind');
  const names = Object.hasOwn(FIELDS, String(kind)) ? FIELDS[kind as TraceLine['kind']] : undefined;
  return (
    typeof fields.get('at') === 'number' &&
    typeof fields.get('node') === 'string' &&
    names?.every((name) => typeof fields.get(name) === 'string') === true
  );
}
