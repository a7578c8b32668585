import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../libprocess/errors.ts';
import { Watcher, WATCHED_FILES_MAX } from '../../libprocess/io/watcher.ts';
import type { DiskSubject, OpenDisk } from './disk.ts';
import { bytes, rejection, text } from './subject.ts';

/** The contract of `Disk.watch`, by what a `Watcher` makes of it. */
export function describeWatcher(name: string, open: OpenDisk): void {
  const on = (body: (subject: DiskSubject, watcher: Watcher) => Promise<void>) => async () => {
    await using subject = await open();
    using watcher = new Watcher(subject.it);
    const { it: disk, root } = subject;
    const prepare = async (): Promise<void> => {
      for (const file of ['a', 'b']) await disk.writeFile(`${root}/${file}`, bytes('old'));
      await body(subject, watcher);
    };
    await subject.complete(prepare());
  };

  describe(`${name} is watched`, () => {
    test(
      'and a write is told, with its path [a0258f5]',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        const event = watcher.next();
        expect(event.isPending).toBe(true);
        await disk.writeFile(`${root}/a`, bytes('hello'));
        expect(await event).toEqual({ path: `${root}/a`, change: 'write' });
        expect(text(await disk.readFile(`${root}/a`))).toBe('hello');
      }),
    );

    test(
      'and a new name is told, under the old one [17086c1]',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        await disk.rename(`${root}/a`, `${root}/c`);
        expect(await watcher.next()).toEqual({ path: `${root}/a`, change: 'rename' });
        // It may be watched again once there is one of that name.
        await disk.writeFile(`${root}/a`, bytes('another'));
        await watcher.add(`${root}/a`);
      }),
    );

    test(
      'and a removal is told, also by another file that takes its place [242fa7f]',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        await disk.unlink(`${root}/a`);
        expect(await watcher.next()).toEqual({ path: `${root}/a`, change: 'remove' });
        await watcher.add(`${root}/b`);
        await disk.writeFile(`${root}/new`, bytes('new'));
        await disk.rename(`${root}/new`, `${root}/b`);
        expect(await watcher.next()).toEqual({ path: `${root}/b`, change: 'remove' });
      }),
    );

    test(
      'in several files, and none is told of more often than somebody asks [6a3be5c]',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        await watcher.add(`${root}/b`);
        for (let round = 0; round < 20; round += 1) {
          for (const file of ['a', 'b']) await disk.writeFile(`${root}/${file}`, bytes('more'));
        }
        const events = [await watcher.next(), await watcher.next()];
        expect(events.map(({ path }) => path).sort()).toEqual([`${root}/a`, `${root}/b`]);
      }),
    );

    test(
      'once at a time, if it is a file that is there [a845c86, 457d524]',
      on(async ({ root }, watcher) => {
        await watcher.add(`${root}/a`);
        for (const [path, code] of [
          [`${root}/a`, 'EEXIST'],
          [root, 'EISDIR'],
          [`${root}/nothing`, 'ENOENT'],
        ] as const) {
          const error = await rejection(watcher.add(path));
          expect(error).toBeInstanceOf(DiskError);
          expect(error).toMatchObject({ code });
        }
      }),
    );

    test(
      'until that is taken back, as often as one likes [c13360f, 42e73d3]',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        await watcher.add(`${root}/b`);
        watcher.remove(`${root}/a`);
        watcher.remove(`${root}/a`);
        await disk.writeFile(`${root}/a`, bytes('unseen'));
        await disk.writeFile(`${root}/b`, bytes('seen'));
        expect(await watcher.next()).toEqual({ path: `${root}/b`, change: 'write' });
      }),
    );

    test(
      'until the watcher is gone, with whom who waits is discarded [a60f91d]',
      on(async ({ root }, watcher) => {
        await watcher.add(`${root}/a`);
        const waiting = watcher.next();
        watcher[Symbol.dispose]();
        expect([waiting.isDiscarded, watcher.next().isDiscarded]).toEqual([true, true]);
        expect(await rejection(watcher.add(`${root}/b`))).toMatchObject({ code: 'EINVAL' });
      }),
    );

    test(
      'but not for a change of its mode alone',
      on(async ({ it: disk, root }, watcher) => {
        await watcher.add(`${root}/a`);
        await watcher.add(`${root}/b`);
        await disk.setMode(`${root}/a`, 0o600);
        await disk.writeFile(`${root}/b`, bytes('seen'));
        expect(await watcher.next()).toEqual({ path: `${root}/b`, change: 'write' });
      }),
    );

    test('once, though it was taken back and asked for again before there was an answer', async () => {
      let open = 0;
      const watch = (): Promise<Disposable> => {
        open += 1;
        return Promise.resolve({ [Symbol.dispose]: () => (open -= 1) });
      };
      using watcher = new Watcher({ watch } as unknown as DiskSubject['it']);
      const first = watcher.add('/a');
      watcher.remove('/a');
      await Promise.all([first, watcher.add('/a')]);
      expect(open).toBe(1);
      watcher.remove('/a');
      expect(open).toBe(0);
    });

    test('in no more files than the limit', () => {
      const never = new Promise<never>(() => undefined);
      const disk = { watch: () => never } as unknown as DiskSubject['it'];
      using watcher = new Watcher(disk);
      for (let file = 0; file < WATCHED_FILES_MAX; file += 1) watcher.add(`/${file}`);
      expect(watcher.add('/more').error).toMatchObject({ code: 'EMFILE' });
    });
  });
}
