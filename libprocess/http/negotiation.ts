import type { Headers } from '../network.ts';

/** Whether the client takes gzip: `gzip` or `*` with a quality other than 0. */
export function acceptsGzip(headers: Headers): boolean {
  for (const coding of (headers['accept-encoding'] ?? '').split(',')) {
    const [name = '', ...parameters] = coding.toLowerCase().split(';');
    const token = name.trim();
    if (token !== 'gzip' && token !== '*') continue;
    return !parameters.some((parameter) => /^\s*q\s*=\s*0(?:\.0{0,3})?\s*$/.test(parameter));
  }
  return false;
}
