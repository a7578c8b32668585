/** The node's only source of randomness; seeded in simulation, cryptographic in production. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A version 4 UUID in its canonical lower-case text form. */
  uuid(): string;
  bytes(count: number): Uint8Array;
}
