/** Seeds of one test: short tests tell sooner, and which seeds they are is told by name. */
export const SEEDS_PER_BATCH = 5;

/** The first seed of each batch of `seeds`. */
export function seedBatches(seeds: number): number[] {
  const batches = Math.ceil(seeds / SEEDS_PER_BATCH);
  return Array.from({ length: batches }, (_, batch) => batch * SEEDS_PER_BATCH);
}
