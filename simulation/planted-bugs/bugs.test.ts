import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALL_BUGS } from './all-bugs.ts';
import { AREAS, plant, PlantingError, type Area, type PlantedBug } from './planted-bug.ts';

const LEAST: Readonly<Record<Area, number>> = {
  actors: 10,
  recovery: 8,
  journal: 6,
  links: 6,
  updates: 6,
  offers: 6,
  registration: 6,
};

describe('planted bugs', () => {
  test.each(ALL_BUGS.map((bug) => [bug.id, bug] as const))('%s can be planted', (_id, bug) => {
    const source = readFileSync(bug.file, 'utf8');
    expect(plant(bug, source)).not.toBe(source);
  });

  test('have ids of their own', () => {
    const ids = ALL_BUGS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });

  test('name the rule that they break', () => {
    for (const { breaks } of ALL_BUGS) expect(breaks).toMatch(/^[PAOTURMGDZ]\d+: \S/);
  });

  test('are in every part of the product', () => {
    expect(ALL_BUGS.length).toBeGreaterThanOrEqual(60);
    for (const area of AREAS) {
      const there = ALL_BUGS.filter((bug) => bug.area === area);
      expect([area, there.length >= LEAST[area]]).toEqual([area, true]);
    }
  });

  test('are refused where their text is not there exactly once', () => {
    const bug: PlantedBug = {
      id: 'a',
      area: 'links',
      file: 'a.ts',
      find: 'x',
      replace: 'y',
      breaks: '',
    };
    expect(plant(bug, 'a x b')).toBe('a y b');
    expect(() => plant(bug, 'a b')).toThrow(PlantingError);
    expect(() => plant(bug, 'x x')).toThrow(PlantingError);
  });
});
