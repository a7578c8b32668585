export interface ByteRange {
  readonly from: number;
  readonly length: number;
}

/**
 * The one range that a `Range` header asks for, within a body of `size` bytes. Undefined for the whole
 * body: also if several ranges are asked for, or the header means nothing (RFC 9110 §14.2).
 */
export function byteRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, length };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= size ? 'unsatisfiable' : { from, length: to - from + 1 };
}
