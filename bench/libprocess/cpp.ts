import type { Result } from '../result.ts';

/**
 * What C++ libprocess did in the same benchmark: `-O2`, two cores of an AMD EPYC, the best of quiet
 * runs. Not measured in this run, nor perhaps on this machine.
 */
const CPP = 'C++ libprocess (2 cores, elsewhere)';

export const besideCpp = (ours: Result, value: number): Result[] => [
  ours,
  { ...ours, value, peer: CPP },
];

/** Three digits are as much as any of these figures is good for. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
