import { expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  call,
  FuturePromise,
  protocol,
  remote,
  RemoteProcess,
  SILENT_LOGGER,
  startNode,
  type ProcessManager,
  type Server,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { CALLS_RUNNING_MAX } from '../../libprocess/remote/running-calls.ts';

const Slow = protocol('slow', {
  slowly: call(z.undefined(), z.number(), { timeout: '10mins' }),
  now: call(z.undefined(), z.number(), { timeout: '1mins' }),
});

/** Answers when it is told to. */
class SlowProcess extends RemoteProcess implements Server<typeof Slow> {
  readonly answer = new FuturePromise<number>();
  constructor() {
    super('slow');
    this.serve(Slow, this);
  }
  slowly(): FuturePromise<number>['future'] {
    return this.answer.future;
  }
  now(): number {
    return 7;
  }
}

const start = (): Promise<ProcessManager> =>
  startNode({ runtime: nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER }) });

test('a node that calls without end is refused by half of what runs, and a modest one is served', async () => {
  await using there = await start();
  await using greedy = await start();
  await using modest = await start();
  const server = new SlowProcess();
  const pid = there.spawn(server).toString();
  const [mine, others] = [remote(greedy, Slow, pid), remote(modest, Slow, pid)];
  const share = CALLS_RUNNING_MAX / 2;
  const running = Array.from({ length: share }, () => mine.slowly(undefined));
  // Calls of one node come in their order.
  await expect(mine.slowly(undefined)).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(running.every(({ isPending }) => isPending)).toBe(true);
  const served = others.slowly(undefined);
  expect(await others.now(undefined)).toBe(7);
  expect(served.isPending).toBe(true);
  server.answer.set(3);
  expect(await served).toBe(3);
  expect(new Set(await Promise.all(running))).toEqual(new Set([3]));
  // What has ended counts no more.
  expect(await mine.slowly(undefined)).toBe(3);
});
