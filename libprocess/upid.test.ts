import { describe, expect, test } from '@jest/globals';
import { UPID } from './upid.ts';

describe('a UPID', () => {
  test.each([
    { text: 'master@10.0.0.1:5050', id: 'master', ip: '10.0.0.1', port: 5050 },
    { text: 'slave(1)@127.0.0.1:0', id: 'slave(1)', ip: '127.0.0.1', port: 0 },
    { text: 'a@b@1.2.3.4:65535', id: 'a@b', ip: '1.2.3.4', port: 65535 },
    { text: 's-1@[fe80::1]:8080', id: 's-1', ip: '[fe80::1]', port: 8080 },
  ])('$text is read and printed as it is [dc8fd0b]', ({ text, id, ip, port }) => {
    const upid = UPID.parse(text);
    expect(upid).toMatchObject({ id, ip, port });
    expect(`${String(upid)} ${JSON.stringify(upid)}`).toBe(`${text} "${text}"`);
    expect(upid?.equals(new UPID(id, `${ip}:${port}`))).toBe(true);
  });

  test.each([
    ['x@[FE80:0:0::1]:80', 'x@[fe80::1]:80'],
    ['x@[::ffff:10.0.0.1]:80', 'x@10.0.0.1:80'],
  ])('%s is that of %s', (text, same) => {
    expect(String(UPID.parse(text))).toBe(same);
  });

  test.each([
    '',
    'x@[:::]:80',
    'x@[10.0.0.1]:80',
    'x@[::1]',
    'x@::1:80',
    'master',
    'master@',
    'master@10.0.0.1',
    'master@10.0.0.1:',
    'master@10.0.0.1:65536',
    'master@10.0.0.1:-1',
    'master@10.0.0.256:5050',
    'master@10.0.0.01:5050', // One address has one text.
    'master@10.0.0.1:05050',
    'master@example.com:5050',
    'master@10.0.0.1:5050 ',
    `${'a'.repeat(5_000)}@10.0.0.1:5050`,
  ])('%j is none', (text) => {
    expect(UPID.parse(text)).toBeUndefined();
  });
});
