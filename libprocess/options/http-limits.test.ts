import { describe, expect, test } from '@jest/globals';
import { OptionError } from '../errors.ts';
import { httpLimits, readHttpLimits } from './http-limits.ts';

describe('limits for clients of a port', () => {
  test('have defaults, of which any can be set', () => {
    expect(readHttpLimits({})).toEqual(httpLimits());
    expect(readHttpLimits({ LIBPROCESS_HTTP_UNREAD_TIMEOUT: '1.5mins' })).toEqual(
      httpLimits({ unreadTimeoutMs: 90_000 }),
    );
    expect(
      readHttpLimits({
        LIBPROCESS_HTTP_HEADER_TIMEOUT: '1secs',
        LIBPROCESS_HTTP_BODY_TIMEOUT: '2secs',
        LIBPROCESS_HTTP_IDLE_TIMEOUT: '3secs',
        LIBPROCESS_HTTP_UNREAD_TIMEOUT: '',
        LIBPROCESS_HTTP_CONNECTIONS_PER_IP: '7',
      }),
    ).toEqual(
      httpLimits({
        headerTimeoutMs: 1_000,
        bodyTimeoutMs: 2_000,
        idleTimeoutMs: 3_000,
        connectionsPerIpMax: 7,
      }),
    );
  });

  test.each(['10', '0secs', '-1secs', '5weeks', 'soon'])('%s is none', (value) => {
    const read = () => readHttpLimits({ LIBPROCESS_HTTP_IDLE_TIMEOUT: value });
    expect(read).toThrow(OptionError);
    expect(read).toThrow(
      `LIBPROCESS_HTTP_IDLE_TIMEOUT is '${value}': it must be a duration from 1ms to 24days, such as 10secs`,
    );
  });
});
