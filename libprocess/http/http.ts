import type { Headers } from '../network.ts';
import type { PipeReader } from './pipe.ts';

/** A request as a route sees it, and as a client sends it. */
export interface Request {
  readonly method: string;
  /** Decoded only by whoever needs it: still percent-encoded here, begins with `/`. */
  readonly path: string;
  /** Decoded parameters of the query; the last of a repeated name wins. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** Empty if the body streams. */
  readonly body: Uint8Array;
  /** The body as it comes, in requests to a route with `requestStreaming`. Whoever has it reads or closes it. */
  readonly reader?: PipeReader;
  /** `ip:port` of the client's socket. */
  readonly remoteAddress: string;
}

/** Stands for a request that could not be read, where its answer is written. */
export const UNREADABLE_REQUEST: Request = {
  method: 'GET',
  path: '/',
  query: {},
  headers: {},
  body: new Uint8Array(0),
  remoteAddress: '',
};

/** An answer; `responses.ts` has functions that make the usual ones. */
export interface Response {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes, or a stream of them: each of its chunks is one chunk of HTTP. */
  readonly body: Uint8Array | PipeReader;
}
