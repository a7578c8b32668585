/** Characters that are gathered before they are encoded. */
const PIECE_LENGTH = 64 * 1024;

const encoder = new TextEncoder();

/** A long text that grows a little at a time: it is encoded as it grows, so that no single turn has it all to do. */
export class TextPieces {
  #text: string;
  readonly #pieces: Uint8Array[] = [];

  constructor(text = '') {
    this.#text = text;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length < PIECE_LENGTH) return;
    this.#pieces.push(encoder.encode(this.#text));
    this.#text = '';
  }

  /** All of it, with a last piece. */
  end(text = ''): Uint8Array {
    this.#pieces.push(encoder.encode(this.#text + text));
    return Buffer.concat(this.#pieces);
  }
}
