import { describe, expect, test } from '@jest/globals';
import { CommitEncoder, decodeSegment, encodeSegmentHeader } from './journal-codec.ts';
import type { JournalOp } from './journal.ts';

const SALT = 0xdeadbeef;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const COMMITS: readonly (readonly JournalOp[])[] = [
  [{ kind: 'put', path: 'slaves/S0/slave.info', mode: 0o600, bytes: bytes('info') }],
  [
    { kind: 'directory', path: 'runs/ä', mode: 0o750 },
    { kind: 'symlink', path: 'runs/latest', target: '/var/lib/mesos/ä' },
    { kind: 'append', path: 'task.updates', offset: 5_000_000_000, bytes: bytes('update') },
  ],
  [{ kind: 'remove', path: 'slaves/S1' }],
];

function segmentOf(commits: readonly (readonly JournalOp[])[], salt = SALT): Uint8Array {
  const encoder = new CommitEncoder();
  const parts = commits.map((ops) => encoder.encode(ops, salt).slice());
  return new Uint8Array(Buffer.concat([encodeSegmentHeader(salt), ...parts]));
}

const WHOLE = segmentOf(COMMITS);
const startOf = (index: number): number => segmentOf(COMMITS.slice(0, index)).length;

describe('a segment of the journal', () => {
  test('gives the commits that were written', () => {
    expect(decodeSegment(WHOLE)).toEqual({ commits: COMMITS, damagedAt: [], tornBytes: 0 });
  });

  test('cut at any byte gives the whole commits before the cut', () => {
    for (let cut = 0; cut < WHOLE.length; cut += 1) {
      const whole = [1, 2, 3].filter((count) => startOf(count) <= cut).length;
      const { commits, damagedAt, tornBytes } = decodeSegment(WHOLE.subarray(0, cut));
      expect(commits).toEqual(COMMITS.slice(0, whole));
      expect(damagedAt).toEqual([]);
      expect(tornBytes).toBe(cut < startOf(0) ? cut : cut - startOf(whole));
    }
  });

  test('with any byte of a commit changed loses that commit alone, and says where', () => {
    for (let at = startOf(0); at < startOf(2); at += 1) {
      const damaged = WHOLE.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const index = at < startOf(1) ? 0 : 1;
      const { commits, damagedAt } = decodeSegment(damaged);
      expect(commits).toEqual(COMMITS.filter((_, each) => each !== index));
      expect(damagedAt[0]).toBeGreaterThanOrEqual(startOf(index));
      expect(damagedAt[0]).toBeLessThan(startOf(index + 1));
    }
  });

  test('with any byte of its last commit changed is torn there', () => {
    for (let at = startOf(2); at < startOf(3); at += 1) {
      const torn = WHOLE.slice();
      torn[at] = (torn[at] ?? 0) ^ 0x10;
      const tornBytes = startOf(3) - startOf(2);
      expect(decodeSegment(torn)).toEqual({
        commits: COMMITS.slice(0, 2),
        damagedAt: [],
        tornBytes,
      });
    }
  });

  test('with a changed header is damaged as a whole', () => {
    for (let at = 0; at < startOf(0); at += 1) {
      const damaged = WHOLE.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(decodeSegment(damaged)).toMatchObject({ commits: [], damagedAt: [0] });
    }
  });

  test('never takes bytes that a framework put into a record for a record', () => {
    const forged = segmentOf(COMMITS, 0).subarray(encodeSegmentHeader(0).length);
    const carrier: JournalOp = { kind: 'put', path: 'task.info', mode: 0o600, bytes: forged };
    const segment = segmentOf([[carrier]]);
    expect(decodeSegment(segment.subarray(0, segment.length - 1)).commits).toEqual([]);
  });
});
