import { refusal, success, type Result } from './result.ts';

/** Units of stout's `Bytes`, largest first. */
const UNITS = [
  { name: 'TB', bytes: 1024 ** 4 },
  { name: 'GB', bytes: 1024 ** 3 },
  { name: 'MB', bytes: 1024 ** 2 },
  { name: 'KB', bytes: 1024 },
  { name: 'B', bytes: 1 },
] as const;

export const BYTES_PER_MB = 1024 ** 2;

/** Reads a size in bytes: a whole number and one of B, KB, MB, GB, TB (powers of 1024). */
export function parseSize(text: string): Result<number> {
  const [, digits = '', unitName = ''] = /^(\d*)(.*)$/s.exec(text) ?? [];
  if (digits === '' || unitName === '') {
    return refusal(`Invalid size '${text}': expecting a whole number and a unit, such as '512MB'`);
  }
  const unit = UNITS.find(({ name }) => name === unitName);
  if (!unit) {
    const names = UNITS.map(({ name }) => name).join(', ');
    return refusal(`Unknown size unit '${unitName}' in '${text}': use one of ${names}`);
  }
  const bytes = Number(digits) * unit.bytes;
  if (!Number.isSafeInteger(bytes)) return refusal(`Size '${text}' is out of range`);
  return success(bytes);
}

/** Prints in the largest unit that gives a whole number: `512MB`, `1536KB`. */
export function printSize(bytes: number): string {
  if (bytes === 0) return '0B';
  const unit = UNITS.find((candidate) => bytes % candidate.bytes === 0);
  return unit ? `${bytes / unit.bytes}${unit.name}` : `${bytes}B`;
}
