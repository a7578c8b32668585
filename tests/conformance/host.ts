import { describe, expect, test } from '@jest/globals';
import type { Host } from '../../libprocess/host.ts';

/** The contract of `Host`. */
export function describeHost(name: string, open: () => Host): void {
  describe(`${name} is a Host`, () => {
    test('its facts are plausible and do not change', () => {
      const [host, again] = [open(), open()];
      expect(host.hostname).not.toBe('');
      expect(host.bootId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(host.bootId).toBe(again.bootId);
      expect(host.pid).toBeGreaterThan(1);
      expect(host.cpus).toBeGreaterThanOrEqual(1);
      expect(host.user).not.toBe('');
    });

    test('memory in use and free is within what there is', () => {
      const host = open();
      expect(host.memoryBytesTotal).toBeGreaterThan(0);
      expect(host.memoryBytesFree()).toBeGreaterThan(0);
      expect(host.memoryBytesFree()).toBeLessThanOrEqual(host.memoryBytesTotal);
      expect(host.residentBytes()).toBeGreaterThan(0);
      expect(host.residentBytes()).toBeLessThanOrEqual(host.memoryBytesTotal);
      expect(host.loadAverage()).toHaveLength(3);
      for (const load of host.loadAverage()) expect(load).toBeGreaterThanOrEqual(0);
    });

    test('the environment is a copy of its own', () => {
      const host = open();
      const environment = host.environment();
      for (const value of Object.values(environment)) expect(typeof value).toBe('string');
      Object.assign(environment, { LIBPROCESS_CONFORMANCE: 'changed' });
      expect(host.environment()['LIBPROCESS_CONFORMANCE']).toBeUndefined();
    });
  });
}
