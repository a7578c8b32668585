/**
 * Amounts are whole thousandths: every double from the wire is rounded once, half away from zero,
 * and from then on arithmetic is exact (common/values.cpp).
 */
export type Milli = number;

const MILLI_PER_UNIT = 1_000;

/** Above this a double no longer holds every whole thousandth. */
export const SCALAR_MAX = Number.MAX_SAFE_INTEGER / MILLI_PER_UNIT;

export function toMilli(value: number): Milli {
  const milli = value * MILLI_PER_UNIT;
  return milli < 0 ? -Math.round(-milli) : Math.round(milli);
}

/** The double nearest to the amount: what goes on the wire and into JSON. */
export const fromMilli = (milli: Milli): number => milli / MILLI_PER_UNIT;

/** At most three decimals, no trailing zeros, large whole numbers in full. */
export const printMilli = (milli: Milli): string => String(fromMilli(milli));
