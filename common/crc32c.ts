/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Eight bytes a step: entry `k * 256 + b` advances a byte b that has k bytes after it. */
const SLICES = 8;
const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    table[byte] = crc;
  }
  for (let index = 256; index < table.length; index += 1) {
    const shorter = table[index - 256] ?? 0;
    table[index] = (shorter >>> 8) ^ (table[shorter & 0xff] ?? 0);
  }
  return table;
}

// The defaults below are for the compiler: no index is out of bounds.

/** CRC-32C of `bytes[start, end)`. Finds every error burst of up to 32 bits. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    crc ^=
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24);
    crc =
      (TABLE[1792 + (crc & 0xff)] ?? 0) ^
      (TABLE[1536 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (TABLE[1280 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (TABLE[1024 + (crc >>> 24)] ?? 0) ^
      (TABLE[768 + (bytes[i + 4] ?? 0)] ?? 0) ^
      (TABLE[512 + (bytes[i + 5] ?? 0)] ?? 0) ^
      (TABLE[256 + (bytes[i + 6] ?? 0)] ?? 0) ^
      (TABLE[bytes[i + 7] ?? 0] ?? 0);
  }
  for (; i < end; i += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
