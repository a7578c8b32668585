import { describe, expect, test } from '@jest/globals';
import { canonicalIp, clientNetwork, hostPort, isLoopback, splitHostPort } from './ip.ts';

describe('an IP address', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['2001:DB8:0:0::5', '2001:db8::5'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:10.1.2.255', '10.1.2.255'],
    ['::ffff:0a01:02ff', '10.1.2.255'],
  ])('%s is compared as %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  test.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    ':::',
    '[::1',
    'fe80::1%eth0',
    '::1]/x',
    '1::2::3',
  ])("'%s' is none", (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::7:0:0:0:1', '2001:db8:0:7::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::7%eth0', 'fe80::7'],
    ['', ''],
  ])("of a client '%s' is counted with those of %s", (ip, network) => {
    expect(clientNetwork(ip)).toBe(network);
  });

  test('stands in brackets before a port if it has colons', () => {
    expect([hostPort('::1', 5050), hostPort('1.2.3.4', 5050)]).toEqual([
      '[::1]:5050',
      '1.2.3.4:5050',
    ]);
    expect(splitHostPort('[::1]:5050')).toEqual({ host: '::1', port: 5_050 });
    expect(splitHostPort('m1.example:80')).toEqual({ host: 'm1.example', port: 80 });
    expect(['127.9.9.9', '::1', '10.0.0.1'].map(isLoopback)).toEqual([true, true, false]);
  });
});
