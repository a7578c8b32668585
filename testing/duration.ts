import { parseDuration } from '../common/durations.ts';
import type { Millis } from '../libprocess/clock.ts';
import { TestClusterError } from './errors.ts';

/** Milliseconds, or a number and a unit as in Mesos's flags: `'500ms'`, `'10secs'`, `'1.5mins'`. */
export type Duration = Millis | `${number}${'ms' | 'secs' | 'mins' | 'hrs' | 'days' | 'weeks'}`;

export function toMs(duration: Duration): Millis {
  if (typeof duration === 'number') {
    if (duration >= 0 && Number.isFinite(duration)) return duration;
    throw new TestClusterError('INVALID', `Invalid duration ${duration}: time goes forward`);
  }
  const parsed = parseDuration(duration);
  if (parsed.ok) return parsed.value;
  throw new TestClusterError('INVALID', parsed.error);
}
