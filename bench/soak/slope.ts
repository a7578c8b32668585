/** Bytes that something had at a time. */
export interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export interface Slope {
  readonly bytesPerHour: number;
  readonly meanBytes: number;
  /** What the slope makes of the time that was measured. */
  readonly grownBytes: number;
}

const HOUR_MS = 3_600_000;

/** The straight line with the least squares of distances to the samples. */
export function slopeOf(samples: readonly Sample[]): Slope {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanMs = mean(samples.map(({ atMs }) => atMs));
  const meanBytes = mean(samples.map(({ bytes }) => bytes));
  let products = 0;
  let squares = 0;
  for (const { atMs, bytes } of samples) {
    products += (atMs - meanMs) * (bytes - meanBytes);
    squares += (atMs - meanMs) ** 2;
  }
  const bytesPerMs = squares === 0 ? 0 : products / squares;
  const measuredMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  return { bytesPerHour: bytesPerMs * HOUR_MS, meanBytes, grownBytes: bytesPerMs * measuredMs };
}
