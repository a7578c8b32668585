import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SeedWorker } from '../../simulation/seed-worker.ts';

let directory: string;
let script: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'seed-worker-'));
  script = join(directory, 'worker.mjs');
  writeFileSync(
    script,
    `process.on('message', ({ seed, without }) => {
       if (seed === 1) process.exit(3);
       if (seed === 2) for (;;);
       process.send({ seed, plan: without.join(), pid: process.pid });
     });`,
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('a process that runs seeds', () => {
  test('fails the seed that it dies of, and another one runs the next', async () => {
    await using worker = new SeedWorker({ script });
    expect(await worker.run(1)).toMatchObject({
      seed: 1,
      unfinished: true,
      violation: { message: 'its process ended: 3' },
      plan: expect.stringContaining('agents'),
    });
    expect(await worker.run(7, ['reset', '3'])).toMatchObject({ seed: 7, plan: 'reset,3' });
  });

  test('is ended if a seed does not come to an end, which has failed then', async () => {
    await using worker = new SeedWorker({ script, hangsAfterMs: 200 });
    const { violation, faults } = await worker.run(2);
    expect(violation?.message).toBe('it was not over after 0.2 s');
    expect(faults.length).toBeGreaterThan(0);
  });
});
