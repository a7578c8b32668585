import { describe, expect, jest, test } from '@jest/globals';
import { FuturePromise } from '../future.ts';
import { Shared } from './shared.ts';

describe('a result that many wait for', () => {
  test('is heard of once by the one who shares it, and who gave up is forgotten', () => {
    const source = new FuturePromise<string>();
    const listening = jest.spyOn(source.future, 'onSettled');
    const completed = jest.spyOn(FuturePromise.prototype, 'associate');
    const shared = new Shared(source.future);
    const impatient = Array.from({ length: 100 }, () => shared.wait());
    const patient = shared.wait();
    for (const each of impatient) each.discard();
    expect(impatient.every(({ isDiscarded }) => isDiscarded)).toBe(true);
    expect([source.future.hasDiscard, patient.isPending]).toEqual([false, true]);
    source.set('done');
    expect(patient.value).toBe('done');
    expect(completed).toHaveBeenCalledTimes(1);
    completed.mockRestore();
    expect(listening.mock.calls.length).toBeLessThan(5);
    expect(shared.wait().value).toBe('done');
  });

  test.each<[what: string, end: (source: FuturePromise<string>) => void]>([
    ['fails', (source) => source.fail('no')],
    ['is discarded', (source) => source.discard()],
    ['is abandoned', (source) => source.abandon('why')],
  ])('that %s does so for all, early and late', (_what, end) => {
    const source = new FuturePromise<string>();
    const shared = new Shared(source.future);
    const early = shared.wait();
    end(source);
    for (const { state, error, isAbandoned, whyAbandoned } of [early, shared.wait()]) {
      expect([state, error, isAbandoned, whyAbandoned]).toEqual([
        source.future.state,
        source.future.error,
        source.future.isAbandoned,
        source.future.whyAbandoned,
      ]);
    }
  });
});
