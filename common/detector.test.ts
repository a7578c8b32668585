import { describe, expect, test } from '@jest/globals';
import type { UPID } from '../libprocess/upid.ts';
import { parseMasterAddress, StandaloneDetector } from './detector.ts';

describe('a standalone detector', () => {
  test('tells a new watcher at once who leads, and that nobody does', () => {
    const leader = parseMasterAddress('10.0.0.1:5050');
    const seen: (UPID | undefined)[] = [];
    new StandaloneDetector(leader).watch((upid) => seen.push(upid));
    new StandaloneDetector().watch((upid) => seen.push(upid));
    expect(seen).toEqual([leader, undefined]);
  });

  test('reports the same leader again, for its session has to be made anew', () => {
    const leader = parseMasterAddress('10.0.0.1:5050');
    const detector = new StandaloneDetector(leader);
    const seen: (UPID | undefined)[] = [];
    detector.watch((upid) => seen.push(upid));
    detector.appoint(leader);
    detector.appoint(undefined);
    expect(seen).toEqual([leader, leader, undefined]);
  });

  test('tells a disposed watcher nothing, and the others still', () => {
    const detector = new StandaloneDetector();
    let first = 0;
    let second = 0;
    const watch = detector.watch(() => (first += 1));
    detector.watch(() => (second += 1));
    watch[Symbol.dispose]();
    detector.appoint(undefined);
    expect([first, second]).toEqual([1, 2]);
  });
});

describe('the address of a master', () => {
  test.each([
    ['10.0.0.1', 'master@10.0.0.1:5050'],
    ['10.0.0.1:6060', 'master@10.0.0.1:6060'],
    ['[::1]:6060', 'master@[::1]:6060'],
    ['master@10.0.0.1:6060', 'master@10.0.0.1:6060'],
  ])('%s is read as %s', (text, pid) => {
    expect(parseMasterAddress(text)?.toString()).toBe(pid);
  });

  test.each(['', 'localhost:5050', '10.0.0.1:99999', 'zk://10.0.0.1/mesos'])(
    '%s is none',
    (text) => {
      expect(parseMasterAddress(text)).toBeUndefined();
    },
  );
});
