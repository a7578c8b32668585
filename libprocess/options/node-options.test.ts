import { describe, expect, test } from '@jest/globals';
import { OptionError } from '../errors.ts';
import { readNodeOptions } from './node-options.ts';

describe('the options of a node', () => {
  test('are what the environment says, and an empty variable says nothing', () => {
    const environment = {
      LIBPROCESS_IP: '10.0.0.5',
      LIBPROCESS_IP6: '2001:DB8::5',
      LIBPROCESS_PORT: '0',
      LIBPROCESS_ADVERTISE_IP: '[2001:db8::6]',
      LIBPROCESS_ADVERTISE_PORT: '',
      LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH: '1',
      LIBPROCESS_HTTP_HOSTS: 'Mesos.example.com, other.example',
    };
    expect(readNodeOptions(environment)).toEqual({
      ip: '10.0.0.5',
      ip6: '2001:db8::5',
      port: 0,
      advertiseIp: '2001:db8::6',
      advertisePort: undefined,
      requirePeerAddressIpMatch: true,
      httpHosts: ['mesos.example.com', 'other.example'],
    });
    expect(Object.values(readNodeOptions({})).every((each) => each === undefined)).toBe(true);
  });

  test.each([
    [
      'LIBPROCESS_IP',
      'localhost',
      "LIBPROCESS_IP is 'localhost': it must be an IPv4 or IPv6 address",
    ],
    ['LIBPROCESS_IP6', '10.0.0.5', "LIBPROCESS_IP6 is '10.0.0.5': it must be an IPv6 address"],
    ['LIBPROCESS_PORT', '65536', "LIBPROCESS_PORT is '65536': it must be a number from 0 to 65535"],
    ['LIBPROCESS_PORT', '-1', 'it must be a number from 0 to 65535'],
    ['LIBPROCESS_ADVERTISE_PORT', '0', 'it must be a number from 1 to 65535'],
    ['LIBPROCESS_HTTP_HOSTS', 'a.example:5050', 'it must be names of hosts without ports'],
    ['LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH', 'yes', 'it must be true, 1, false or 0'],
  ])('name the variable that is wrong: %s=%s', (variable, value, message) => {
    const read = () => readNodeOptions({ [variable]: value });
    expect(read).toThrow(OptionError);
    expect(read).toThrow(message);
    expect(read).toThrow(variable);
  });
});
