import type { Millis } from '../clock.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** Milliseconds of a span such as `1.5secs`; undefined if it is none. */
export function parseTimeout(text: string): Millis | undefined {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?)([a-z]{1,5})$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return number === undefined || unitMs === undefined ? undefined : Number(number) * unitMs;
}
