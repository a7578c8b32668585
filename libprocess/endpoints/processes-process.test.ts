import { describe, expect, test } from '@jest/globals';
import { endpointBed, type EndpointBed } from '../../tests/support/endpoint-bed.ts';
import { dispatch, tell } from '../dispatch.ts';
import { PipeReader } from '../http/pipe.ts';
import { Process } from '../process.ts';
import type { PID } from '../pid.ts';

class Worker extends Process {
  constructor() {
    super('worker');
    this.installRaw('Job', (from) => {
      this.post(from, 'Done', new Uint8Array(0));
    });
  }
  work(): number {
    return 1;
  }
}

class Boss extends Process {
  constructor() {
    super('boss');
    this.installRaw('Done', () => undefined);
  }
  order(worker: PID<Worker>): void {
    this.post(worker, 'Job', new Uint8Array(0));
  }
}

async function start(): Promise<EndpointBed & { worker: PID<Worker>; boss: PID<Boss> }> {
  const bed = await endpointBed();
  const { node, sim } = bed;
  const [worker, boss] = [node.spawn(new Worker()), node.spawn(new Boss())];
  await sim.settle();
  return { ...bed, worker, boss };
}

interface Listed {
  readonly id: string;
  readonly events: readonly object[];
  readonly queued: number;
  readonly handled?: number;
  readonly slowest?: readonly { name: string; count: number }[];
}

const list = async (bed: EndpointBed, query = ''): Promise<Listed[]> =>
  JSON.parse((await bed.get(`/__processes__${query}`)).body) as Listed[];

describe('/__processes__', () => {
  test('shows what waits, of a crowd its first and its number', async () => {
    const bed = await start();
    const answer = bed.request('/__processes__');
    for (let call = 0; call < 1_500; call += 1) tell(bed.worker, 'work');
    const listed = JSON.parse((await bed.sim.complete(answer)).body) as Listed[];
    const worker = listed.find(({ id }) => id === 'worker');
    expect(worker?.queued).toBe(1_500);
    expect(worker?.events).toHaveLength(1_000);
    expect(worker?.events[0]).toEqual({ type: 'DISPATCH', name: 'work' });
  });

  test('counts what is handled only while somebody watches', async () => {
    const bed = await start();
    expect((await list(bed))[0]).not.toHaveProperty('handled');
    expect(bed.node.watch).toBeUndefined();
    await list(bed, '?watch=10secs');
    for (let call = 0; call < 3; call += 1) void dispatch(bed.worker, 'work');
    await bed.sim.settle();
    const worker = (await list(bed)).find(({ id }) => id === 'worker');
    expect(worker).toMatchObject({ handled: 3, slowest: [{ name: 'work', count: 3 }] });
    await bed.sim.advance(10_000);
    expect(bed.node.watch).toBeUndefined();
    expect((await list(bed))[0]).not.toHaveProperty('handled');
  });

  test.each(['x', '61secs', '1'])('does not watch for %s', async (watch) => {
    const { get } = await start();
    expect((await get(`/__processes__?watch=${watch}`)).status).toBe(400);
  });
});

describe('/__processes__/trace', () => {
  const follow = async ({ node, sim }: EndpointBed, id: string) => {
    const request = {
      method: 'GET',
      path: '/__processes__/trace',
      query: { id },
      headers: {},
      body: new Uint8Array(0),
      remoteAddress: '10.0.0.9:1',
    };
    const { status, body } = await sim.complete(node.http(request));
    if (!(body instanceof PipeReader)) throw new Error(`refused with ${status}`);
    return body;
  };
  const next = async ({ sim }: EndpointBed, reader: PipeReader): Promise<object> => {
    const chunk = await sim.complete(reader.read());
    return JSON.parse(new TextDecoder().decode(chunk)) as object;
  };

  test('tells what one process handles and sends until it ends', async () => {
    const bed = await start();
    const { node, worker, boss, sim } = bed;
    const reader = await follow(bed, 'worker');
    tell(boss, 'order', worker);
    void dispatch(worker, 'work');
    await sim.settle();
    node.terminate(worker);
    const [first, second, third, fourth] = [
      await next(bed, reader),
      await next(bed, reader),
      await next(bed, reader),
      await next(bed, reader),
    ];
    expect(first).toMatchObject({ kind: 'handled', type: 'DISPATCH', name: 'work', ms: 0 });
    expect(second).toMatchObject({ kind: 'sent', name: 'Done', to: boss.toString() });
    expect(third).toMatchObject({
      kind: 'handled',
      type: 'MESSAGE',
      name: 'Job',
      from: boss.toString(),
    });
    expect(fourth).toMatchObject({ kind: 'ended' });
    expect(await sim.complete(reader.read())).toBeUndefined();
    expect(node.watch).toBeUndefined();
  });

  test('costs nothing once its reader is gone', async () => {
    const bed = await start();
    const reader = await follow(bed, 'worker');
    expect(bed.node.watch).toBeDefined();
    reader.close();
    await bed.sim.settle();
    expect(bed.node.watch).toBeUndefined();
  });

  test('leaves out, and counts, what a slow reader has no room for', async () => {
    const bed = await start();
    const reader = await follow(bed, 'worker');
    for (let call = 0; call < 20_000; call += 1) tell(bed.worker, 'work');
    await bed.sim.settle();
    let bytes = 0;
    for (let lines = 0; lines < 12_000 && bytes < 1024 * 1024; lines += 1) {
      bytes += (await bed.sim.complete(reader.read()))?.byteLength ?? 0;
    }
    tell(bed.worker, 'work');
    let line = await next(bed, reader);
    while (!('lines' in line)) line = await next(bed, reader);
    expect(line).toMatchObject({ kind: 'dropped', lines: expect.any(Number) });
  });

  test('is refused without a process, and to a crowd', async () => {
    const bed = await start();
    expect(await bed.get('/__processes__/trace')).toMatchObject({ status: 400 });
    expect(await bed.get('/__processes__/trace?id=nobody')).toMatchObject({
      status: 404,
      body: "No process 'nobody' runs here.\n",
    });
    const readers = [];
    for (let count = 0; count < 8; count += 1) readers.push(await follow(bed, 'worker'));
    await expect(follow(bed, 'worker')).rejects.toThrow('refused with 503');
    for (const reader of readers) reader.close();
    await bed.sim.settle();
    await follow(bed, 'worker');
  });
});
