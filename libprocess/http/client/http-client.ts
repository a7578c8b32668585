import type { Millis } from '../../clock.ts';
import { Future } from '../../future.ts';
import type { Headers, Network } from '../../network.ts';
import type { Response } from '../http.ts';
import type { PipeReader } from '../pipe.ts';
import { parseUrl, UrlError, type Url } from '../url.ts';

/** How a request is made. */
export interface HttpOptions {
  /** Added to the query of the URL. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Headers;
  /** How long the head of the answer may take. Default: 30 s. */
  readonly timeoutMs?: Millis;
  /** Gives the request up, or ends an answer that streams. Discarding the future does the former. */
  readonly signal?: AbortSignal;
  /** Longest body that is read whole; a longer one fails with `EMSGSIZE`. Default: 256 MiB. */
  readonly bodyBytesMax?: number;
}

/** How a request with a body is made. */
export interface HttpBodyOptions extends HttpOptions {
  /** A text, bytes, or what is sent as it is written. */
  readonly body?: string | Uint8Array | PipeReader;
  readonly contentType?: string;
}

const ANSWER_TIMEOUT_MS: Millis = 30_000;

/**
 * `GET url`, of `http` as the network speaks, with TLS if it has that; of `https` with TLS always. Ready when the head of the answer has come, whatever its status. Connections are used again.
 * Fails with `UrlError`, or with `NetworkError`: nothing is then known about whether the server acted.
 */
export const get = (
  network: Network,
  url: string | Url,
  options: HttpOptions = {},
): Future<Response> => request(network, { ...options, method: 'GET', url });

/** `POST url`, as `get`. A content type without a body is refused, as in libprocess. */
export const post = (
  network: Network,
  url: string | Url,
  options: HttpBodyOptions = {},
): Future<Response> => request(network, { ...options, method: 'POST', url });

/** `PUT url`, as `get`. */
export const put = (
  network: Network,
  url: string | Url,
  options: HttpBodyOptions = {},
): Future<Response> => request(network, { ...options, method: 'PUT', url });

/** `DELETE url`, as `get`. */
export const requestDelete = (
  network: Network,
  url: string | Url,
  options: HttpOptions = {},
): Future<Response> => request(network, { ...options, method: 'DELETE', url });

interface Asked extends HttpBodyOptions {
  readonly method: string;
  readonly url: string | Url;
}

/** Any method. */
export function request(network: Network, asked: Asked): Future<Response> {
  const { method, query = {}, headers = {}, body, contentType, signal, bodyBytesMax } = asked;
  const streams = typeof body === 'object' && !(body instanceof Uint8Array);
  let url: Url;
  try {
    url = urlOf(asked);
  } catch (error) {
    if (streams) body.close();
    return Future.failed(error);
  }
  const typed = contentType === undefined ? headers : { ...headers, 'content-type': contentType };
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return network.request(
    `${url.host}:${url.port}`,
    {
      method,
      path: url.path,
      query: { ...url.query, ...query },
      headers: typed,
      body: bytes instanceof Uint8Array ? bytes : new Uint8Array(0),
      ...(streams && { reader: body }),
    },
    {
      timeoutMs: asked.timeoutMs ?? ANSWER_TIMEOUT_MS,
      ...(signal && { signal }),
      ...(bodyBytesMax !== undefined && { bodyBytesMax }),
      ...(url.scheme === 'https' && { secure: true }),
    },
  );
}

/** Throws `UrlError`. */
function urlOf({ url: given, body, contentType }: Asked): Url {
  const url = typeof given === 'string' ? parseUrl(given) : given;
  if (contentType !== undefined && body === undefined)
    throw new UrlError('there is a content type and no body');
  return url;
}
