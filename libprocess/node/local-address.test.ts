import { expect, test } from '@jest/globals';
import { networkInterfaces } from 'node:os';
import { NetworkError } from '../errors.ts';
import { localAddressTowards } from './local-address.ts';

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family }) => family === 'IPv4')
  .map(({ address }) => address);

test.each(own)('this machine reaches %s, its own, from that address', async (address) => {
  expect(await localAddressTowards(address)).toBe(address);
});

test('all of the loopback network is reached from one address of it', async () => {
  expect(await localAddressTowards('127.9.9.9')).toMatch(/^127\./);
});

test('where no way leads is told', async () => {
  const failure = localAddressTowards('255.255.255.255');
  await expect(failure).rejects.toBeInstanceOf(NetworkError);
  await expect(failure).rejects.toThrow('Failed to find a way to 255.255.255.255');
});
