import type { Millis } from '../clock.ts';

/** Longest delay that Node's timers take; with a longer one they expire after a millisecond. */
export const TIMER_DELAY_MS_MAX: Millis = 2 ** 31 - 1;

/** For a time limit: one beyond 24 days, or without an end, expires after 24 days. */
export const timerDelay = (delayMs: Millis): Millis => Math.min(delayMs, TIMER_DELAY_MS_MAX);
