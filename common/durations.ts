import type { Millis } from '../libprocess/clock.ts';
import { refusal, success, type Result } from './result.ts';

const NANOS_PER_MS = 1_000_000;

/** Units of stout's `Duration`, smallest first, in nanoseconds. */
const UNITS = [
  { name: 'ns', nanos: 1n },
  { name: 'us', nanos: 1_000n },
  { name: 'ms', nanos: 1_000_000n },
  { name: 'secs', nanos: 1_000_000_000n },
  { name: 'mins', nanos: 60_000_000_000n },
  { name: 'hrs', nanos: 3_600_000_000_000n },
  { name: 'days', nanos: 86_400_000_000_000n },
  { name: 'weeks', nanos: 604_800_000_000_000n },
] as const;

/** The span of 64-bit nanoseconds, about 292 years, is what every Mesos component can hold. */
const NANOS_MAX = 2 ** 63;

const PRECISION_DIGITS = 15;

/**
 * Reads a duration in stout's notation: a decimal number and one of the units ns, us, ms, secs,
 * mins, hrs, days, weeks, with nothing between them (`10secs`, `1.5mins`). Never negative.
 */
export function parseDuration(text: string): Result<Millis> {
  const [, digits = '', unitName = ''] = /^([\d.]*)(.*)$/s.exec(text) ?? [];
  if (unitName === '') return refusal(`Invalid duration '${text}': expecting a number and a unit`);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) {
    return refusal(`Invalid duration '${text}': '${digits}' is not a number`);
  }
  const unit = UNITS.find(({ name }) => name === unitName);
  if (!unit) return refusal(`Unknown duration unit '${unitName}' in '${text}': ${unitList()}`);

  const nanos = Number(digits) * Number(unit.nanos);
  if (nanos >= NANOS_MAX) return refusal(`Duration '${text}' is out of range`);
  return success(Math.trunc(nanos) / NANOS_PER_MS);
}

const unitList = (): string => `use one of ${UNITS.map(({ name }) => name).join(', ')}`;

/**
 * Prints as stout does: in the largest unit that the duration reaches, or in the next smaller one
 * if only that gives a whole number (`10days`, not `1.42857142857143weeks`).
 */
export function printDuration(ms: Millis): string {
  const nanos = BigInt(Math.round(ms * NANOS_PER_MS));
  return nanos < 0n ? `-${printMagnitude(-nanos)}` : printMagnitude(nanos);
}

function printMagnitude(nanos: bigint): string {
  const reached = UNITS.findLastIndex((unit) => nanos >= unit.nanos);
  const unit = UNITS[reached] ?? UNITS[0];
  const smaller = UNITS[reached - 1];
  if (smaller && nanos % unit.nanos !== 0n && nanos % smaller.nanos === 0n) {
    return `${nanos / smaller.nanos}${smaller.name}`;
  }
  const amount = Number(nanos) / Number(unit.nanos);
  return `${Number(amount.toPrecision(PRECISION_DIGITS))}${unit.name}`;
}
