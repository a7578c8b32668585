import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countWords, merge, type Counts } from './count-words.ts';

/** From `dist/examples/word-count/`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WORDS_SHOWN = 5;

/** The texts of this project: all there is to read in `docs/` and beside it. */
export function documentation(): string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const paths = [...readdirSync(ROOT), ...below.map((path) => join('docs', path))];
  return paths
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => join(ROOT, path));
}

/** What the cluster is checked against. */
export const singleProcessCount = (files: readonly string[]): Counts =>
  merge(files.map((file) => countWords(readFileSync(file, 'utf8'))));

/** Prints the commonest words, and whether all counts are as expected, which it returns. */
export function printResult(counts: Counts, expected: Counts): boolean {
  const words = Object.entries(counts).sort(([, left], [, right]) => right - left);
  const commonest = words.slice(0, WORDS_SHOWN).map(([word, count]) => `${word} ${count}`);
  const wrong = Object.keys(merge([counts, expected])).filter(
    (word) => counts[word] !== expected[word],
  );
  const verdict =
    wrong.length === 0
      ? 'the same as one process counts'
      : `WRONG in ${wrong.length} words, such as '${wrong[0] ?? ''}'`;
  console.log(`${words.length} different words, ${verdict}: ${commonest.join(', ')} ...`);
  return wrong.length === 0;
}
