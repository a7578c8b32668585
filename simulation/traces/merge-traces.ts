import type { TraceLine } from '../../libprocess/trace-line.ts';
import { readTrace } from './read-trace.ts';

interface Source {
  readonly lines: AsyncGenerator<TraceLine>;
  next: TraceLine;
}

/** The lines of several traces of one host in the order of its clock. */
export async function* mergeTraces(paths: readonly string[]): AsyncGenerator<TraceLine> {
  const sources: Source[] = [];
  for (const path of paths) {
    const lines = readTrace(path);
    const first = await lines.next();
    if (first.done !== true) sources.push({ lines, next: first.value });
  }
  while (sources.length > 0) {
    const earliest = sources.reduce((one, other) => (other.next.at < one.next.at ? other : one));
    yield earliest.next;
    const next = await earliest.lines.next();
    if (next.done === true) sources.splice(sources.indexOf(earliest), 1);
    else earliest.next = next.value;
  }
}
