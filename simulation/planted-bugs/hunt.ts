import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { SEED_FLAGS } from '../seed-worker.ts';
import type { Hunter } from './planted-bug.ts';

/** Of one seed or case, by the wall clock. */
const HANGS_AFTER_MS = 300_000;
const ERROR_CHARS_MAX = 200;

export interface Hunted {
  /** How many seeds or cases were run, the failing one included. */
  readonly runs: number;
  /** What gave the bug away; undefined if nothing did. */
  readonly violation: string | undefined;
  readonly seconds: number;
}

/** The copy does not even run. */
export class BrokenMutantError extends Error {
  readonly code = 'MUTANT_BROKEN';
}

export interface HuntOptions {
  readonly hunter: Hunter;
  readonly seeds: number;
  readonly seedBase: number;
  /** Of the crash matrix, at most; undefined: all. */
  readonly cases: number | undefined;
  /** Hears of each seed or case that has begun, and how many there are by now. */
  readonly onBegun?: (begun: number) => void;
}

/** Runs seeds or cases of a copy until the first that fails. */
export async function hunt(
  copy: string,
  { hunter, seeds, seedBase, cases, onBegun }: HuntOptions,
): Promise<Hunted> {
  const beganMs = performance.now();
  const script = join(copy, `simulation/planted-bugs/run-${hunter}.js`);
  const limits = hunter !== 'crashes' ? [seeds, seedBase] : cases === undefined ? [] : [cases];
  const args = [...SEED_FLAGS, script, ...limits.map(String)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let begun = 0;
  let violation: string | undefined;
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const watch = setTimeout(() => {
    violation = 'hung';
    child.kill('SIGKILL');
  }, HANGS_AFTER_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    watch.refresh();
    if (/^(seed|case) /.test(line)) onBegun?.((begun += 1));
    else if (line.startsWith('{')) violation = violationIn(line);
  }
  const code = await ended;
  clearTimeout(watch);
  if (code !== 0) violation ??= `crashed: ${complaint.slice(0, ERROR_CHARS_MAX)}`;
  if (begun === 0) throw new BrokenMutantError(complaint.slice(0, ERROR_CHARS_MAX));
  return { runs: begun, violation, seconds: (performance.now() - beganMs) / 1_000 };
}

function violationIn(line: string): string {
  const { violation } = JSON.parse(line) as { readonly violation: string };
  return violation.split('\n', 1)[0] ?? '';
}
