/**
 * Calls `work` for each item, at most `limit` at a time, in order of start. Rejects with the first
 * failure, after what was running has ended.
 */
export async function concurrently<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (first: IteratorResult<T>): Promise<void> => {
    for (let next = first; next.done !== true; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  const workers: Promise<void>[] = [];
  while (workers.length < limit) {
    const first = iterator.next();
    if (first.done === true) break;
    workers.push(worker(first));
  }
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}
