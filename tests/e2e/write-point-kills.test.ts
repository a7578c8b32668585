import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { killCase, type KillAt } from './support/kill-case.ts';

/** `npm run sim:kills` asks for 200. */
const KILLS = Number(process.env['MESOS_KILLS'] ?? 6);
const AT_ONCE = 2;
const CASE_MS_MAX = 30_000;

/** All places where an agent that lives undisturbed changes its disk, and how often. */
async function sitesOfALife(): Promise<ReadonlyMap<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'mesos-sites-'));
  try {
    const sites = join(directory, 'sites');
    expect(await killCase({ sites })).toBe(0);
    const counts = new Map<string, number>();
    for (const line of readFileSync(sites, 'utf8').trim().split('\n')) {
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    return counts;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The first so many times that a place is reached: what comes later is alike. */
const ORDINAL_MAX = 4;

/** Each place, each time that it is reached, each of its moments. */
function killsAt(sites: ReadonlyMap<string, number>): readonly KillAt[] {
  return [...sites].flatMap(([site, times]) => {
    const [point = '', kind = ''] = site.split(' ');
    const moments: KillAt['moment'][] = ['before', 'after'];
    if (kind.startsWith('write')) moments.push('torn');
    const ordinals = Array.from({ length: Math.min(times, ORDINAL_MAX) }, (_, n) => n + 1);
    return ordinals.flatMap((ordinal) =>
      moments.map((moment) => ({ point, kind, moment, ordinal })),
    );
  });
}

/** As many as shall be, spread over all of them. */
function chosen(sites: ReadonlyMap<string, number>): readonly KillAt[] {
  const all = killsAt(sites);
  const stride = Math.max(1, all.length / KILLS);
  const picks = Array.from({ length: Math.min(KILLS, all.length) }, (_, n) =>
    Math.floor(n * stride),
  );
  return picks.flatMap((pick) => all[pick] ?? []);
}

test(
  'an agent killed at any of its write points, on a real disk, loses nothing and goes on',
  async () => {
    const only = process.env['MESOS_KILL_AT'];
    const kills = only === undefined ? chosen(await sitesOfALife()) : [JSON.parse(only) as KillAt];
    const rest = kills.values();
    let struck = 0;
    const failures: string[] = [];
    const work = async (): Promise<void> => {
      for (const kill of rest) {
        try {
          if ((await killCase({ kill })) > 0) struck += 1;
        } catch (error) {
          failures.push(`${JSON.stringify(kill)}: ${String(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    process.stdout.write(`${struck} of ${kills.length} agents have killed themselves\n`);
    expect(failures).toEqual([]);
    // What was counted in one life may come less often in another, by timing.
    expect(struck).toBeGreaterThan(kills.length * 0.8);
  },
  (KILLS + 2) * CASE_MS_MAX,
);
