/** A key for sets and maps: one character a byte. */
export function uuidText(uuid: Uint8Array): string {
  return Buffer.from(uuid.buffer, uuid.byteOffset, uuid.length).toString('latin1');
}
