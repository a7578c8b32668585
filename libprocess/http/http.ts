import type { Headers } from '../network.ts';

export interface Request {
  readonly method: string;
  /** Decoded only by whoever needs it: still percent-encoded here, begins with `/`. */
  readonly path: string;
  /** Decoded parameters of the query; the last of a repeated name wins. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** `ip:port` of the client's socket. */
  readonly remoteAddress: string;
}

/** Writes a streaming body. Each write is one HTTP chunk. */
export interface BodyWriter {
  write(chunk: Uint8Array): void;
  end(): void;
  /** Breaks the body off: whoever reads it learns that it is incomplete. Ignored once ended. */
  abort(reason: string): void;
  /** Bytes accepted that have not left for the operating system. */
  readonly bufferedBytes: number;
  /** Called once when the client is gone or the body has ended. */
  onClose(listener: () => void): void;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes, or a function that is handed the writer of a streaming body. */
  readonly body: Uint8Array | ((writer: BodyWriter) => void);
}
