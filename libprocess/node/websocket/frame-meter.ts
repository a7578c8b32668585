/** What a piece costs beside its bytes while it waits: the objects that hold it. */
const PIECE_OVERHEAD_BYTES = 512;

const FIN = 0x80;
const MASKED = 0x80;
const BINARY = 0x2;
const CLOSE = 0x8;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

/**
 * Follows the frames of a WebSocket in the bytes of its connection (RFC 6455, 5.2) to know what has come of a
 * message that is not whole: the library hands over whole ones, and tells of no others. Trusts no length: it only
 * counts what is there. What breaks the rules is for the library to refuse.
 */
export class FrameMeter {
  /** Of a message that is not whole, with the heads of its frames. */
  unfinishedBytes = 0;
  /**
   * What is held for it. A piece of a connection counts whole if any of it belongs to the message: it is kept as
   * it came, however little of it is needed.
   */
  heldBytes = 0;
  /** Of the present frame: bytes so far; bytes of its head, of the length in it, and of its payload that are still to come. */
  #frameBytes = 0;
  #headLeft = 0;
  #lengthLeft = 0;
  #payloadLeft = 0;
  #first = 0;
  #closed = false;

  /** The next bytes of the connection, as they came. */
  push(piece: Uint8Array): void {
    const before = this.unfinishedBytes;
    let finished = false;
    for (let at = 0; at < piece.length && !this.#closed;) {
      const next = this.#frameBytes + this.unfinishedBytes === 0 ? afterMessage(piece, at) : 0;
      if (next > 0) {
        at = next;
        continue;
      }
      const step = this.#inPayload ? Math.min(this.#payloadLeft, piece.length - at) : 1;
      if (this.#inPayload) this.#payloadLeft -= step;
      else this.#head(piece[at] ?? 0);
      at += step;
      this.#frameBytes += step;
      this.unfinishedBytes += step;
      if (this.#frameEnded) finished = this.#endFrame() || finished;
    }
    const cost = piece.length + PIECE_OVERHEAD_BYTES;
    if (this.unfinishedBytes === 0) this.heldBytes = 0;
    else if (finished) this.heldBytes = cost;
    else if (this.unfinishedBytes > before) this.heldBytes += cost;
  }

  get #inPayload(): boolean {
    return this.#frameBytes > 1 && this.#headLeft === 0;
  }

  get #frameEnded(): boolean {
    return this.#inPayload && this.#payloadLeft === 0;
  }

  #head(byte: number): void {
    if (this.#frameBytes === 0) {
      this.#first = byte;
    } else if (this.#frameBytes === 1) {
      const length = byte & ~MASKED;
      const extended = length === LENGTH_64 ? 8 : length === LENGTH_16 ? 2 : 0;
      this.#payloadLeft = extended === 0 ? length : 0;
      this.#headLeft = extended + (byte & MASKED ? MASK_BYTES : 0);
      this.#lengthLeft = extended;
    } else {
      this.#headLeft -= 1;
      if (this.#lengthLeft === 0) return;
      this.#lengthLeft -= 1;
      this.#payloadLeft = this.#payloadLeft * 256 + byte;
    }
  }

  /** Whether a message, or a frame beside messages, is over with it. */
  #endFrame(): boolean {
    const opcode = this.#first & 0x0f;
    const control = opcode >= CLOSE;
    // A control frame may come in the middle of a message, and is no part of it.
    if (control) this.unfinishedBytes -= this.#frameBytes;
    else if (this.#first & FIN) this.unfinishedBytes = 0;
    this.#closed = opcode === CLOSE;
    this.#frameBytes = 0;
    return this.unfinishedBytes === 0;
  }
}

/** Where a message ends that is whole in this piece, in one frame, as nearly all are. 0 if there is none at `at`. */
function afterMessage(piece: Uint8Array, at: number): number {
  if (piece[at] !== (FIN | BINARY)) return 0;
  const second = piece[at + 1] ?? 0;
  const length = second & ~MASKED;
  if (length === LENGTH_64) return 0; // In nearly no case whole in one piece.
  const head = at + 2 + (second & MASKED ? MASK_BYTES : 0);
  const long = length === LENGTH_16;
  const end = long ? head + 2 + (piece[at + 2] ?? 0) * 256 + (piece[at + 3] ?? 0) : head + length;
  return end <= piece.length ? end : 0;
}
