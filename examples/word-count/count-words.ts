/** How often each word occurs. */
export type Counts = Readonly<Record<string, number>>;

export function countWords(text: string): Counts {
  const counts: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? [])
    counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export function merge(parts: readonly Counts[]): Counts {
  const sum: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const part of parts) {
    for (const [word, count] of Object.entries(part)) sum[word] = (sum[word] ?? 0) + count;
  }
  return sum;
}

/** Splits counts so that all counts of a word, from any text, meet in the same partition. */
export function partition(counts: Counts, partitions: number): Counts[] {
  const parts = Array.from({ length: partitions }, (): [string, number][] => []);
  for (const entry of Object.entries(counts)) parts[hash(entry[0]) % partitions]?.push(entry);
  return parts.map((entries) => Object.fromEntries(entries));
}

function hash(word: string): number {
  let value = 0;
  for (let index = 0; index < word.length; index += 1) {
    value = (value * 31 + word.charCodeAt(index)) >>> 0;
  }
  return value;
}
