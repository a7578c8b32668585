import type { Millis } from './clock.ts';
import { RuntimeError } from './errors.ts';

const NANOS_PER_MS = 1_000_000;

/** Units of stout's `Duration`, smallest first, in nanoseconds, and what they are called besides. */
const UNITS = [
  { name: 'ns', short: 'ns', nanos: 1n },
  { name: 'us', short: 'us', nanos: 1_000n },
  { name: 'ms', short: 'ms', nanos: 1_000_000n },
  { name: 'secs', short: 's', nanos: 1_000_000_000n },
  { name: 'mins', short: 'm', nanos: 60_000_000_000n },
  { name: 'hrs', short: 'h', nanos: 3_600_000_000_000n },
  { name: 'days', short: 'd', nanos: 86_400_000_000_000n },
  { name: 'weeks', short: 'w', nanos: 604_800_000_000_000n },
] as const;

type Unit = (typeof UNITS)[number];

/**
 * A span of time: milliseconds, or text that the compiler checks: `'500ms'`, `'5s'`, `'1.5mins'`.
 * Units are stout's (`ns us ms secs mins hrs days weeks`), and `s m h d w` for short.
 */
export type Duration = Millis | `${number}${Unit['name'] | Unit['short']}`;

/** The span of 64-bit nanoseconds, about 292 years, is what every Mesos component can hold. */
const NANOS_MAX = 2 ** 63;

const PRECISION_DIGITS = 15;

/**
 * Milliseconds of a duration; numbers are taken as they are. Throws `RuntimeError` with
 * `INVALID_DURATION` for text that only a cast makes a duration, and for NaN, which would never be over.
 */
export function toMs(duration: Duration): Millis {
  if (typeof duration === 'number') {
    if (!Number.isNaN(duration)) return duration;
    throw new RuntimeError('INVALID_DURATION', 'Invalid duration NaN: expecting milliseconds');
  }
  const parsed = parseDuration(duration);
  if (parsed.ok) return parsed.value;
  throw new RuntimeError('INVALID_DURATION', parsed.error);
}

/** What `parseDuration` answers: a refusal is a value, and says what is wrong with the text. */
export type ParsedDuration =
  { readonly ok: true; readonly value: Millis } | { readonly ok: false; readonly error: string };

const EXPECTED = "expecting a number without a sign and a unit, such as '5secs' or '1.5mins'";

const refusal = (error: string): ParsedDuration => ({ ok: false, error });

/**
 * Reads a duration in stout's notation: a decimal number and a unit, with nothing between them
 * (`10secs`, `1.5mins`). Never negative.
 */
export function parseDuration(text: string): ParsedDuration {
  const [, digits = '', unitName = ''] = /^([\d.]*)(.*)$/s.exec(text) ?? [];
  if (unitName === '') return refusal(`Invalid duration '${text}': ${EXPECTED}`);
  if (!/^(\d+(\.\d*)?|\.\d+)$/.test(digits)) {
    const why = digits === '' ? EXPECTED : `'${digits}' is not a number; ${EXPECTED}`;
    return refusal(`Invalid duration '${text}': ${why}`);
  }
  const unit = UNITS.find(({ name, short }) => name === unitName || short === unitName);
  if (!unit) return refusal(`Unknown duration unit '${unitName}' in '${text}': ${unitList()}`);

  const nanos = Number(digits) * Number(unit.nanos);
  if (nanos >= NANOS_MAX) return refusal(`Duration '${text}' is out of range`);
  return { ok: true, value: Math.trunc(nanos) / NANOS_PER_MS };
}

/** What a person is told of a deadline that is over: one before now was over at once. */
export const spanText = (duration: Duration): string =>
  typeof duration === 'number' ? `${Math.max(0, duration)} ms` : duration;

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
