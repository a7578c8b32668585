import { describe, expect, test } from '@jest/globals';
import type { ProcessInfo } from '../../libprocess/subprocess.ts';
import { ProcessTable, leads } from './process-tree.ts';

const LEADER = { pid: 100, startTime: 5000 };

function process(pid: number, parent: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
  return { pid, parent, group: 100, session: 100, startTime: 5001, state: 'S', ...more };
}
const WRAPPER = process(100, 1, { startTime: 5000 });
const pids = (processes: readonly ProcessInfo[]) => processes.map(({ pid }) => pid).sort();

describe('the processes of a run', () => {
  test('are its session without the wrapper', () => {
    const table = new ProcessTable([WRAPPER, process(101, 100), process(102, 1)]);
    expect(pids(table.members(LEADER))).toEqual([101, 102]);
  });

  test('include descendants in sessions of their own, and what these start', () => {
    const table = new ProcessTable([
      WRAPPER,
      process(101, 100),
      process(102, 101, { session: 102, group: 102 }),
      process(103, 102, { session: 103, group: 103 }),
    ]);
    expect(pids(table.members(LEADER))).toEqual([101, 102, 103]);
  });

  test('include orphans in other sessions that were recognised by a mark', () => {
    const daemon = process(104, 1, { session: 104 });
    const table = new ProcessTable([WRAPPER, daemon, process(105, 104, { session: 104 })]);
    expect(pids(table.members(LEADER))).toEqual([]);
    expect(pids(table.members(LEADER, [104]))).toEqual([104, 105]);
  });

  test('are still known by session when the wrapper is gone or a zombie', () => {
    expect(pids(new ProcessTable([process(101, 1)]).members(LEADER))).toEqual([101]);
    const zombie = { ...WRAPPER, state: 'Z' };
    expect(pids(new ProcessTable([zombie, process(101, 1)]).members(LEADER))).toEqual([101]);
  });

  test('are none once another process has the pid: nothing that is not ours is touched', () => {
    const stranger = process(100, 1, { startTime: 9000 });
    const table = new ProcessTable([stranger, process(101, 100, { startTime: 9001 })]);
    expect(table.members(LEADER)).toEqual([]);
  });

  test('leave out zombies and what is older than the run', () => {
    const table = new ProcessTable([
      WRAPPER,
      process(101, 100, { state: 'Z' }),
      process(102, 100, { startTime: 4000 }),
    ]);
    expect(table.members(LEADER)).toEqual([]);
  });
});

describe('a leader', () => {
  test('leads while it lives under its pid and start time', () => {
    expect(leads(LEADER, WRAPPER)).toBe(true);
    expect(leads(LEADER, { ...WRAPPER, state: 'Z' })).toBe(false);
    expect(leads(LEADER, { ...WRAPPER, startTime: 5001 })).toBe(false);
    expect(leads(LEADER, undefined)).toBe(false);
  });
});
