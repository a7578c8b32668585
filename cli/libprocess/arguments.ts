import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../libprocess/duration.ts';
import { canonicalIp, splitHostPort } from '../../libprocess/ip.ts';
import { UPID } from '../../libprocess/upid.ts';

/** Timers reach no further. */
const TIMEOUT_MS_MAX = 24 * 24 * 3_600_000;

export function parseIp(text: string): string {
  const ip = canonicalIp(text);
  if (ip !== undefined) return ip;
  throw new InvalidArgumentError(
    'An address is a literal IP, for example 10.0.0.5 or 2001:db8::5.',
  );
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

export function parseTimeout(text: string): number {
  const parsed = parseDuration(text);
  const timeoutMs = Number.isNaN(Number(text)) && parsed.ok ? parsed.value : Number(text);
  if (timeoutMs > 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new InvalidArgumentError(
    'A timeout is a duration of at most 24 days, such as 500ms or 5s.',
  );
}

export function parseAddress(text: string): string {
  const { host, port } = splitHostPort(text);
  const named = canonicalIp(host) !== undefined || /^[\w-]+(\.[\w-]+)*\.?$/.test(host);
  if (named && /:[1-9]\d{0,4}$/.test(text) && port <= 65_535) return text;
  throw new InvalidArgumentError(
    'An address is written HOST:PORT, for example 127.0.0.1:5050 or [::1]:5050.',
  );
}

export function parseName(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('A name is not empty.');
}

export function parseMeasure(text: string): number {
  return Number(text) === 0 ? 0 : parseTimeout(text);
}

export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A count is a positive number.');
}

export function parseUpid(text: string): UPID {
  const upid = UPID.parse(text);
  if (upid && upid.id !== '' && upid.port > 0) return upid;
  throw new InvalidArgumentError(
    'A process is written ID@IP:PORT, for example counter@127.0.0.1:5050.',
  );
}

export function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
