import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Hunted } from './hunt.ts';
import type { Hunter } from './planted-bug.ts';

/** What came of one hunt, as a line of the file. */
export interface RecordedHunt extends Hunted {
  /** Of the bug, or of the copy without one. */
  readonly id: string;
  readonly hunter: Hunter;
}

interface Line extends RecordedHunt {
  readonly build: string;
  readonly seeds: number;
  readonly seedBase: number;
}

/**
 * Hunts that are over, in a file, so that a survey of hours can be interrupted and go on where it was.
 * Only those of the same build and seeds count.
 */
export class SurveyRecord {
  readonly #path: string;
  readonly #key: Pick<Line, 'build' | 'seeds' | 'seedBase'>;
  readonly #hunts = new Map<string, RecordedHunt>();

  constructor(path: string, key: Pick<Line, 'build' | 'seeds' | 'seedBase'>) {
    this.#path = path;
    this.#key = key;
    for (const line of linesOf(path)) {
      const { build, seeds, seedBase } = line;
      const same = build === key.build && seeds === key.seeds && seedBase === key.seedBase;
      if (same) this.#hunts.set(line.id, line); // The last one of a bug counts.
    }
  }

  get(id: string): RecordedHunt | undefined {
    return this.#hunts.get(id);
  }

  /** Written at once. */
  add({ id, hunter, runs, violation, seconds }: RecordedHunt): void {
    const hunt: RecordedHunt = { id, hunter, runs, violation, seconds };
    this.#hunts.set(id, hunt);
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, `${JSON.stringify({ ...this.#key, ...hunt })}\n`);
  }
}

/** Says which build it is: the same for the same code. */
export function buildOf(directory: string): string {
  const hash = createHash('sha256');
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (path.endsWith('.js')) hash.update(`${path}\0`).update(readFileSync(join(directory, path)));
  }
  return hash.digest('hex');
}

/** Without a last one that was cut short. */
function linesOf(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as Line];
      } catch {
        return [];
      }
    });
}
