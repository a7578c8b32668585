import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  call,
  protocol,
  RemoteProcess,
  shape,
  SILENT_LOGGER,
  startNode,
  type UPID,
} from '../../libprocess/index.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const COUNTER = `${DIST}examples/counter.js`;

/** Says from where it was asked. */
class Asked extends RemoteProcess {
  constructor() {
    super('asked');
    this.serve(protocol('asked', { who: call(shape.nothing, shape.string) }), this);
  }
  who(_: unknown, { ip }: UPID): string {
    return ip;
  }
}

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

  test('ends with an error if its process does', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'libprocess-run-'));
    const file = join(directory, 'thrower.mjs');
    writeFileSync(
      file,
      `import { Process } from ${JSON.stringify(`${DIST}libprocess/index.js`)};
      export class Thrower extends Process {
        constructor() { super('thrower'); }
        initialize() { throw new RangeError('no'); }
      }`,
    );
    try {
      const { code, err } = await run('run', file, '--port=0');
      expect([code, err]).toEqual([1, expect.stringMatching(/'thrower@.*' has failed\n$/)]);
      expect(err).toMatch(/ event=initialize error="RangeError: no"\n {4}at Thrower\.initialize /);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('prints nothing of an error that would move the cursor', async () => {
    await using running = await counter();
    const { code, err } = await run('call', running.pid, 'no\x1b[2J');
    expect([code, err]).toEqual([1, expect.stringContaining("has no method 'no?[2J'")]);
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

  test.each([
    [['ps', 'nonsense'], 'An address is written HOST:PORT'],
    [['ps', 'localhost'], 'An address is written HOST:PORT'],
    [['top', '127.0.0.1:99999'], 'An address is written HOST:PORT'],
    [['ps', 'http://127.0.0.1:5050'], 'An address is written HOST:PORT'],
    [['ps', '127.0.0.1:5050', '--timeout=99999999999999'], 'at most 24 days'],
    [['top', '127.0.0.1:5050', '--interval=1e10'], 'at most 24 days'],
    [['run', COUNTER, '--name='], 'A name is not empty'],
  ])('%j is refused', async (args, why) => {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([64, '', expect.stringContaining(why)]);
  });

  test('says why a process could not be made', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'libprocess-command-'));
    try {
      const file = join(directory, 'bad.mjs');
      writeFileSync(
        file,
        `import { Process } from '${DIST}libprocess/index.js';
         export class Bad extends Process { constructor() { super('bad'); throw new Error('no'); } }`,
      );
      const { code, err } = await run('run', file);
      expect([code, err]).toEqual([1, "Failed to make a 'Bad': no\n"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test.each([['ps', '--json'], ['top']])('%s ends well when nobody reads on', async (...args) => {
    await using running = await counter();
    const [command = '', ...flags] = args;
    const child = start(command, running.address, ...flags);
    let err = '';
    child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    child.stdout?.destroy();
    expect([await once(child, 'close'), err]).toEqual([[0, null], '']);
  });

  test('follows what a process handles', async () => {
    await using running = await counter();
    const tracing = start('trace', running.pid, '--count=4');
    let lines = '';
    tracing.stdout?.on('data', (text: Buffer) => (lines += text.toString()));
    const calling = setInterval(() => void run('call', running.pid, 'increment', '1'), 500);
    try {
      expect(await once(tracing, 'close')).toEqual([0, null]);
      expect(lines).toMatch(/ handled MESSAGE libprocess\.Call increment from .*, [\d.]+ ms\n/);
      expect(lines).toMatch(/ sent libprocess\.Result to /);
    } finally {
      clearInterval(calling);
    }
  });

  test('says in a line that the node is gone whose process it follows', async () => {
    const silent = createServer((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{');
      });
    });
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const tracing = start('trace', `x@127.0.0.1:${(silent.address() as AddressInfo).port}`);
    let err = '';
    tracing.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    expect(await once(tracing, 'close')).toEqual([1, null]);
    expect(err).toBe('Failed to read a body: aborted\n');
    silent.close();
  });

  test('calls from the address that leads to the process, and listens on no other', async () => {
    const ips = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address }) => address);
    for (const ip of ips) {
      await using node = await startNode({ runtime: nodeRuntime({ logger: SILENT_LOGGER }), ip });
      node.spawn(new Asked());
      const { out, code } = await run('call', `asked@${node.address}`, 'who');
      expect([code, out]).toEqual([0, `"${ip}"\n`]);
    }
  });

  test.each([
    [['call', 'x@ADDRESS', 'value', '--timeout=1mins'], 130],
    [['ps', 'ADDRESS', '--timeout=1mins'], 130],
    [['ps', 'ADDRESS', '--timeout=1mins', '--measure=1mins'], 130],
    [['top', 'ADDRESS', '--timeout=1mins'], 130],
    [['trace', 'x@ADDRESS', '--timeout=1mins'], 130],
  ])('%j ends with %i and without a word on Ctrl-C, whatever it waits for', async (args, code) => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const child = start(...args.map((arg) => arg.replace('ADDRESS', address)));
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [socket] = (await once(silent, 'connection')) as [Socket];
    child.kill('SIGINT');
    expect([await once(child, 'close'), said]).toEqual([[code, null], '']);
    socket.destroy();
    silent.close();
  });

  test('ps ends so while it measures, too', async () => {
    let told = (): void => undefined;
    const answered = new Promise<void>((resolve) => (told = resolve));
    const answering = createHttpServer((_request, response) => response.end('[]', told));
    answering.listen(0, '127.0.0.1');
    await once(answering, 'listening');
    const address = `127.0.0.1:${(answering.address() as AddressInfo).port}`;
    const child = start('ps', address, '--measure=1mins', '--timeout=1mins');
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await answered;
    child.kill('SIGINT');
    expect([await once(child, 'close'), said]).toEqual([[130, null], '']);
    answering.close();
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
