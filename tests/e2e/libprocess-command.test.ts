import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const COUNTER = `${DIST}examples/counter.js`;

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [`${DIST}cli/libprocess.js`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(...args);
  const heard = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (heard.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (heard.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...heard };
}

/** A counter in a process of its own, ended by Ctrl-C. */
async function counter(): Promise<{ pid: string; address: string } & AsyncDisposable> {
  const child = start('run', COUNTER, '--name=counter', '--port=0');
  if (!child.stdout) throw new Error('no standard output');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = line.toString().trim();
  const [, address = ''] = pid.split('@');
  return {
    pid,
    address,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`the counter ended with ${String(code)}`);
    },
  };
}

describe('the libprocess command', () => {
  test('runs an actor that others call, one after another', async () => {
    await using running = await counter();
    expect(running.pid).toMatch(/^counter@127\.0\.0\.1:\d+$/);
    expect(await run('call', running.pid, 'increment', '1')).toEqual({
      code: 0,
      out: '1\n',
      err: '',
    });
    expect(await run('call', running.pid, 'increment', '41')).toMatchObject({ out: '42\n' });
    const listed = await run('ps', running.address, '--json');
    expect(JSON.parse(listed.out)).toContainEqual(
      expect.objectContaining({ id: 'counter', events: [], queued: 0 }),
    );
    expect((await run('ps', running.address)).out).toMatch(
      /^ID +QUEUED +HANDLED\/S +BUSY% +SLOWEST HANDLER\n/,
    );
    expect(await run('call', running.pid, 'increment', 'one')).toMatchObject({
      code: 1,
      err: `Failed to call 'increment' of '${running.pid}': of its arguments, it is not a number\n`,
    });
    expect(await run('call', `nobody@${running.address}`, 'value')).toMatchObject({ code: 1 });
  });

  test('shows what a node is busy with', async () => {
    await using running = await counter();
    const once = await run('top', running.address, '--once', '--interval=100');
    expect(once).toMatchObject({ code: 0, err: '' });
    expect(once.out).toMatch(/ processes, \d+ events queued, [\d.]+% busy\n\nID +QUEUED/);
    const { out } = await run('top', running.address, '--once', '--json', '--interval=100');
    const { processes } = JSON.parse(out) as { processes: { id: string }[] };
    expect(processes.map(({ id }) => id)).toContain('counter');
  });

  test('follows what a process handles', async () => {
    await using running = await counter();
    const tracing = start('trace', running.pid, '--count=4');
    let lines = '';
    tracing.stdout?.on('data', (text: Buffer) => (lines += text.toString()));
    const calling = setInterval(() => void run('call', running.pid, 'increment', '1'), 500);
    try {
      expect(await once(tracing, 'close')).toEqual([0, null]);
      expect(lines).toMatch(/ handled MESSAGE .* from .*, [\d.]+ ms\n/);
      expect(lines).toMatch(/ sent libprocess\.Result to /);
    } finally {
      clearInterval(calling);
    }
  });

  test.each([
    [['cal'], 64, "unknown command 'cal'"],
    [['call', 'counter', 'value'], 64, 'A process is written ID@IP:PORT'],
    [['run', COUNTER, '--port=70000'], 64, 'A port is a number from 0 to 65535'],
    [['run', '/nowhere.js'], 1, "Failed to load '/nowhere.js'"],
    [['run', COUNTER, '--class=Gauge'], 1, 'exports Counter; name one with --class'],
    [['ps', '127.0.0.1:1'], 1, 'ECONNREFUSED'],
    [['top', '127.0.0.1:1'], 1, 'ECONNREFUSED'],
    [['trace', 'counter@127.0.0.1:1'], 1, 'ECONNREFUSED'],
    [['trace', 'counter'], 64, 'A process is written ID@IP:PORT'],
    [['trace', 'x@127.0.0.1:1', '--count=0'], 64, 'A count is a positive number'],
  ])('%j ends with %i and says why', async (args, code, message) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(message);
  });
});
