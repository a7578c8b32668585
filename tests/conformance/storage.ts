import { describe, expect, test } from '@jest/globals';
import type { NewEntry, Storage } from '../../master/registrar/storage.ts';
import { bytes, text, type Subject } from './subject.ts';

const entry = (
  version: string,
  { value = version, epoch = 1, name = 'registry' } = {},
): NewEntry => ({
  name,
  version,
  epoch,
  chunks: [bytes(value)],
});

export type OpenStorage = () => Promise<Subject<Storage>>;

/** The contract of `Storage`. Every implementation runs it; none may skip a case. */
export function describeStorage(name: string, open: OpenStorage): void {
  describe(`${name} is a Storage`, () => {
    test('an entry never written is absent', async () => {
      await using subject = await open();
      expect(await subject.complete(subject.it.get('registry'))).toBeUndefined();
    });

    test('what was set is what is read, byte for byte [9bc603d, 8c1290d]', async () => {
      await using subject = await open();
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const chunks = [all.subarray(0, 100), new Uint8Array(), all.subarray(100)];
      const written = { name: 'registry', version: 'v1', epoch: 7, chunks };
      expect(await subject.complete(subject.it.set(written, undefined))).toBe('stored');
      const read = await subject.complete(subject.it.get('registry'));
      expect(read).toMatchObject({ name: 'registry', version: 'v1', epoch: 7 });
      expect(Array.from(read?.value ?? [])).toEqual(Array.from(all));
    });

    test('what was set after another is what is read [338a8f1, f84ea04]', async () => {
      await using subject = await open();
      const [kept, gone, added] = [bytes('kept'), bytes('gone'), bytes('added')];
      const with_ = (version: string, chunks: Uint8Array[]) => ({ ...entry(version), chunks });
      await subject.complete(subject.it.set(with_('v1', [gone, kept]), undefined));
      await subject.complete(subject.it.set(with_('v2', [kept, added]), 'v1'));
      const read = await subject.complete(subject.it.get('registry'));
      expect([read?.version, text(read?.value ?? bytes(''))]).toEqual(['v2', 'keptadded']);
    });

    test('a write against a stale version changes nothing [f6fbed3]', async () => {
      await using subject = await open();
      await subject.complete(subject.it.set(entry('v1'), undefined));
      await subject.complete(subject.it.set(entry('v2'), 'v1'));
      expect(await subject.complete(subject.it.set(entry('v3'), 'v1'))).toBe('changed');
      expect(await subject.complete(subject.it.set(entry('v3'), undefined))).toBe('changed');
      expect((await subject.complete(subject.it.get('registry')))?.version).toBe('v2');
    });

    test('a write of an earlier epoch is fenced, whatever version it knows (M1)', async () => {
      await using subject = await open();
      await subject.complete(subject.it.set(entry('v1', { epoch: 4 }), undefined));
      await subject.complete(subject.it.set(entry('v2', { epoch: 5 }), 'v1'));
      expect(await subject.complete(subject.it.set(entry('v3', { epoch: 4 }), 'v2'))).toBe(
        'fenced',
      );
      expect((await subject.complete(subject.it.get('registry')))?.version).toBe('v2');
    });

    test('of two racing writers, exactly one wins', async () => {
      await using subject = await open();
      const outcomes = await subject.complete(
        Promise.all([
          subject.it.set(entry('mine'), undefined),
          subject.it.set(entry('theirs'), undefined),
        ]),
      );
      expect(outcomes.sort()).toEqual(['changed', 'stored']);
    });

    test('entries of different names know nothing of one another', async () => {
      await using subject = await open();
      await subject.complete(subject.it.set(entry('v1', { name: 'a', value: 'A' }), undefined));
      await subject.complete(subject.it.set(entry('v1', { name: 'b', value: 'B' }), undefined));
      const a = await subject.complete(subject.it.get('a'));
      expect(text(a?.value ?? bytes(''))).toBe('A');
    });

    test('what is read is the reader’s own', async () => {
      await using subject = await open();
      await subject.complete(subject.it.set(entry('v1', { value: 'before' }), undefined));
      (await subject.complete(subject.it.get('registry')))?.value.fill(0);
      const read = await subject.complete(subject.it.get('registry'));
      expect(text(read?.value ?? bytes(''))).toBe('before');
    });
  });
}
