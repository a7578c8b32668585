import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const DISK = pathToFileURL(join(process.cwd(), 'dist/libprocess/node/node-disk.js')).href;

let directory: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesos-ts-directory-lock-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(directory, { recursive: true, force: true });
});

/** A process that takes the directory, or says why it cannot, and then waits to be ended. */
async function contender(path = directory): Promise<{ child: ChildProcess; says: string }> {
  const program = `
    import { spawn } from 'node:child_process';
    import { NodeDisk } from '${DISK}';
    try {
      await new NodeDisk().lockDirectory(${JSON.stringify(path)});
      const task = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
      console.log('locked ' + task.pid);
    } catch (error) {
      console.log(error.message);
    }
    setInterval(() => undefined, 1_000);`;
  const args = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, says: line.toString().trim() };
}

async function killed({ child }: { child: ChildProcess }): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** The processes that a holder started outlive it, as tasks do. */
function endTask(says: string): void {
  process.kill(Number(says.split(' ')[1]), 'SIGKILL');
}

describe('a directory that a process has locked', () => {
  test('is refused to another, which is told whose it is, whatever path leads to it', async () => {
    const holder = await contender();
    const alias = `${directory}.alias`;
    symlinkSync(directory, alias);
    const refused = await contender(alias);
    rmSync(alias);
    expect(refused.says).toBe(`Failed to lock '${alias}': process ${holder.child.pid} holds it`);
    await killed(holder);
    endTask(holder.says);
  });

  test('is free as soon as its holder is killed, though what it started lives on', async () => {
    const first = await contender();
    await killed(first);
    const second = await contender();
    expect(second.says).toMatch(/^locked \d+$/);
    expect(readFileSync(join(directory, '.lock'), 'utf8')).toBe(`${second.child.pid}\n`);
    expect((await contender()).says).toContain(`process ${second.child.pid} holds it`);
    await killed(second);
    for (const { says } of [first, second]) endTask(says);
  });
});
