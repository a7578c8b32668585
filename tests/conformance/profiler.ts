import { describe, expect, test } from '@jest/globals';
import type { Profiler } from '../../libprocess/observe/profiler.ts';
import { rejection, text } from './subject.ts';

/** The contract of `Profiler`. */
export function describeProfiler(name: string, open: () => Profiler): void {
  describe(`${name} is a Profiler`, () => {
    test('gives a CPU profile of the time between start and stop', async () => {
      const profiler = open();
      await profiler.startCpu();
      const profile: unknown = JSON.parse(text(await profiler.stopCpu()));
      expect(profile).toMatchObject({ nodes: expect.any(Array), timeDeltas: expect.any(Array) });
    });

    test('gives a profile of what is allocated', async () => {
      const profiler = open();
      await profiler.startHeap();
      const profile: unknown = JSON.parse(text(await profiler.stopHeap()));
      expect(profile).toMatchObject({ head: { children: expect.any(Array) } });
    });

    test('records one of each kind at a time', async () => {
      const profiler = open();
      expect(await rejection(profiler.stopCpu())).toMatchObject({ code: 'NOT_RUNNING' });
      await profiler.startCpu();
      await profiler.startHeap();
      expect(await rejection(profiler.startCpu())).toMatchObject({ code: 'ALREADY_RUNNING' });
      expect(await rejection(profiler.startHeap())).toMatchObject({ code: 'ALREADY_RUNNING' });
      await profiler.stopCpu();
      await profiler.stopHeap();
      expect(await rejection(profiler.stopHeap())).toMatchObject({ code: 'NOT_RUNNING' });
    });

    test('tells sizes of the heap', () => {
      const { total_heap_size: total = -1, used_heap_size: used = -1 } = open().heapStatistics();
      expect(used).toBeGreaterThanOrEqual(0);
      expect(total).toBeGreaterThanOrEqual(used);
    });
  });
}
