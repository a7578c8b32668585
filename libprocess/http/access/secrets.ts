import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in a time that tells nothing of where they differ, nor of lengths. */
export function secretsEqual(one: string | Uint8Array, other: string | Uint8Array): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

const digest = (secret: string | Uint8Array): Uint8Array =>
  createHash('sha256').update(secret).digest();
