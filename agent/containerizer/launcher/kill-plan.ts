import type { Millis } from '../../../libprocess/clock.ts';

/** A kill that was asked for. Durable before the first signal, so that a restart goes on with it. */
export interface KillIntent {
  /** Wall time at which SIGKILL is due. */
  readonly killAtMs: Millis;
}

export interface KillStep {
  /** What to call on the launcher now: `signal(id, 'SIGTERM')` or `destroy(id)`. */
  readonly action: 'terminate' | 'destroy';
  /** When to plan again, milliseconds from now; absent after `destroy`. */
  readonly againAfterMs?: Millis;
}

/** Merges a new request into what is under way: a later one can only shorten the grace. */
export function askToKill(
  previous: KillIntent | undefined,
  request: { readonly nowMs: Millis; readonly graceMs: Millis },
): KillIntent {
  const killAtMs = request.nowMs + Math.max(0, request.graceMs);
  return { killAtMs: previous ? Math.min(previous.killAtMs, killAtMs) : killAtMs };
}

/**
 * What to do at `nowMs`: also right after a restart, when the deadline may have passed meanwhile. A
 * second SIGTERM is harmless; a clock set back must not lengthen the wait beyond `graceMs`.
 */
export function planKill(
  intent: KillIntent,
  { nowMs, graceMs }: { readonly nowMs: Millis; readonly graceMs: Millis },
): KillStep {
  const remainingMs = Math.min(intent.killAtMs - nowMs, graceMs);
  if (remainingMs <= 0) return { action: 'destroy' };
  return { action: 'terminate', againAfterMs: remainingMs };
}
