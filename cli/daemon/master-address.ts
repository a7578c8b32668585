import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseMasterAddress } from '../../common/detector.ts';
import type { UPID } from '../../libprocess/index.ts';
import { CommandError, UsageError } from '../errors.ts';
import { EX_UNREACHABLE } from '../exit-codes.ts';

/** Reads `--master`: `HOST[:PORT]`, with a name or an IP address. Throws `UsageError` for others. */
export async function resolveMaster(text: string): Promise<UPID> {
  if (/^\w+:\/\//.test(text)) {
    throw new UsageError(`Failed to read --master: give HOST:PORT, not '${text}'`);
  }
  const known = parseMasterAddress(text);
  if (known) return known;
  const [, host = '', port] = /^(?:master@)?([A-Za-z0-9][\w.-]*?)(?::(\d+))?$/.exec(text) ?? [];
  if (host === '' || isIP(host) !== 0) {
    throw new UsageError(`Failed to read --master: give HOST:PORT, not '${text}'`);
  }
  const ip = await addressOf(host);
  const literal = ip.includes(':') ? `[${ip}]` : ip;
  const resolved = parseMasterAddress(port === undefined ? literal : `${literal}:${port}`);
  if (!resolved) throw new UsageError(`Failed to read --master: '${text}' is no address`);
  return resolved;
}

async function addressOf(host: string): Promise<string> {
  try {
    // Of `localhost`, masters serve the IPv4 address.
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Failed to find the master '${host}': ${reason}`,
      EX_UNREACHABLE,
      'Check the name, or give an IP address.',
    );
  }
}
