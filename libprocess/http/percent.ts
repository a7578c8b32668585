/** A percent-encoded text decoded; undefined if it is malformed or not UTF-8 (RFC 3986 §2.1). */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
