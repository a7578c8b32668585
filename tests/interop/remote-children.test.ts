import { expect, test } from '@jest/globals';
import {
  dispatch,
  Nursery,
  Process,
  RemoteChild,
  SILENT_LOGGER,
  startNode,
  Supervisor,
  UPID,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

const runtime = () => nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });

class Shaky extends Process {
  fail(): void {
    throw new RangeError('cracked');
  }
}

test('a supervisor starts a process of another node again, over real sockets, and stops it', async () => {
  await using here = await startNode({ runtime: runtime() });
  await using there = await startNode({ runtime: runtime() });
  const made: Shaky[] = [];
  const { id, address } = there.spawn(
    new Nursery('nursery', {
      shaky: () => {
        const shaky = new Shaky('shaky');
        made.push(shaky);
        return shaky;
      },
    }),
  );
  let heard: (upid: UPID) => void;
  const next = (): Promise<UPID> => new Promise((resolve) => (heard = resolve));
  const started = (upid: UPID): void => {
    heard(upid);
  };
  const first = next();
  const nursery = new UPID(id, address);
  const start = () => new RemoteChild('shaky', { nursery, make: 'shaky', started });
  const top = here.spawn(new Supervisor('top', { children: [{ id: 'shaky', start }] }));
  expect(String(await first)).toBe(`shaky@${there.address}`);

  const second = next();
  const [one] = made;
  if (one)
    there.post(one.self, () => {
      one.fail();
    });
  await second;
  const [child] = await dispatch(top, 'children');
  expect([made.length, child?.restarts]).toEqual([2, 1]);

  await dispatch(top, 'shutdown');
  expect([here.has('shaky'), there.has('shaky'), there.has('nursery')]).toEqual([
    false,
    false,
    true,
  ]);
});
