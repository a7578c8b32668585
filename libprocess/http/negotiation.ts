import type { Headers } from '../network.ts';

/** Whether the client takes gzip: what it says of `gzip` itself, else of `*` (RFC 9110 §12.5.3). */
export function acceptsGzip(headers: Headers): boolean {
  const accepted = qualities(headers['accept-encoding'] ?? '');
  return (accepted.get('gzip') ?? accepted.get('*') ?? 0) > 0;
}

/** The headers of an answer that is compressed for who accepts it: what it varies by already stays. */
export function gzipHeaders(headers: Headers): Headers {
  const varies = headers['vary'];
  const known =
    varies
      ?.toLowerCase()
      .split(',')
      .map((each) => each.trim()) ?? [];
  const vary = known.some((each) => each === '*' || each === 'accept-encoding')
    ? varies
    : [varies, 'accept-encoding'].filter((each) => each !== undefined && each !== '').join(', ');
  return { ...headers, 'content-encoding': 'gzip', ...(vary !== undefined && { vary }) };
}

/** Whether the client takes a type such as `text/html`: by its name, its kind, or any; all if it says nothing. */
export function acceptsMediaType(headers: Headers, type: string): boolean {
  const accept = headers['accept'];
  if (accept === undefined) return true;
  const accepted = qualities(accept);
  const kind = `${type.slice(0, type.indexOf('/'))}/*`;
  return (accepted.get(type) ?? accepted.get(kind) ?? accepted.get('*/*') ?? 0) > 0;
}

/** What is named, in lower case, and how much it is wanted: 1 unless said otherwise, 0 is not at all. */
function qualities(header: string): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim());
    if (name === '' || wanted.has(name)) continue;
    const quality = parameters.find((each) => /^q\s*=/.test(each));
    const value = quality === undefined ? 1 : Number(quality.slice(quality.indexOf('=') + 1));
    wanted.set(name, Number.isFinite(value) ? value : 1);
  }
  return wanted;
}
