import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const LOCK = pathToFileURL(join(process.cwd(), 'scripts/lock.js')).href;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesos-ts-lock-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A command that says `in` when it holds the lock and runs `work` there. */
function command(work: string): ChildProcess {
  const program = `
    import { mkdirSync, rmdirSync } from 'node:fs';
    import { withLock } from '${LOCK}';
    await withLock(${JSON.stringify(directory)}, () => console.log('waits'), async () => {
      console.log('in');
      ${work}
    });`;
  const args = ['--input-type=module', '--eval', program];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Its output is read on: a pipe that nobody reads would end it. */
function says(subprocess: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve) => {
    subprocess.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(word)) resolve();
    });
  });
}

describe('the lock under which a clone is prepared', () => {
  test('lets one command in at a time', async () => {
    // Making a folder that another holder has not yet removed would fail.
    const inside = JSON.stringify(join(directory, 'inside'));
    const work = `mkdirSync(${inside});
      await new Promise((resolve) => setTimeout(resolve, 20));
      rmdirSync(${inside});`;
    const commands = Array.from({ length: 6 }, () => command(work));
    const codes = await Promise.all(commands.map((each) => once(each, 'exit')));
    expect(codes).toEqual(commands.map(() => [0, null]));
    expect(readdirSync(directory)).toEqual(['lock.6']);
  });

  test('passes from a command that was killed to one that waits', async () => {
    const killed = command('await new Promise((resolve) => setTimeout(resolve, 60_000));');
    await says(killed, 'in');
    const waiting = command('');
    await says(waiting, 'waits');
    killed.kill('SIGKILL');
    expect(await once(waiting, 'exit')).toEqual([0, null]);
    expect(readdirSync(directory)).toEqual(['lock.2']);
  });
});
