import type { Millis } from '../libprocess/clock.ts';
import { parseDuration, type Duration } from '../libprocess/duration.ts';
import { TestClusterError } from './errors.ts';

/** How far the time of a cluster is to go. It only goes forward, and not for ever. */
export function spanMs(span: Duration): Millis {
  if (typeof span === 'number') {
    if (span >= 0 && Number.isFinite(span)) return span;
    throw new TestClusterError('INVALID', `Invalid duration ${span}: time goes forward`);
  }
  const parsed = parseDuration(span);
  if (parsed.ok) return parsed.value;
  throw new TestClusterError('INVALID', parsed.error);
}
