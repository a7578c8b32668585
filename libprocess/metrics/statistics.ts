/** What a series of numbers amounts to. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
}

/** Those that a snapshot shows, under `<name>/count` and so on (metrics.cpp). */
export const SHOWN_STATISTICS = [
  'count',
  'max',
  'min',
  'p50',
  'p90',
  'p95',
  'p99',
  'p999',
  'p9999',
] as const satisfies readonly (keyof Statistics)[];

/** Undefined for less than two numbers, of which nothing can be said (statistics.hpp). */
export function statisticsOf(numbers: Iterable<number>): Statistics | undefined {
  const sorted = Float64Array.from(numbers).sort();
  const min = sorted[0];
  const max = sorted.at(-1);
  if (sorted.length < 2 || min === undefined || max === undefined) return undefined;
  return {
    count: sorted.length,
    min,
    max,
    p25: percentile(sorted, 0.25),
    p50: percentile(sorted, 0.5),
    p75: percentile(sorted, 0.75),
    p90: percentile(sorted, 0.9),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    p9999: percentile(sorted, 0.9999),
  };
}

/** Linear between the two nearest numbers. */
function percentile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const index = Math.floor(place);
  const below = sorted[index] ?? 0;
  const above = sorted[index + 1] ?? below;
  return below + (above - below) * (place - index);
}
