import { MECHANISM_POINTS, WRITE_POINTS } from './journal/write-point.ts';

/**
 * Every place where an agent, its launcher or a wrapper changes the disk, by the name that it gives
 * there with `disk.at`. What is durable must be there after a crash if anybody has acted on it. The
 * crash matrix is generated from this: what is named nowhere, or reached by no story, fails it.
 */
export const AGENT_WRITE_POINTS = {
  durable: [...WRITE_POINTS, ...MECHANISM_POINTS, 'work-directory'],
  /** Gone with a boot at the latest, or made again: nobody relies on it after a power cut. */
  volatile: [
    'sandbox',
    'sandbox-age',
    'sandbox-removal',
    'launcher-owner',
    'run-files',
    'run-claim',
    'run-removal',
  ],
} as const;
