import { describe, expect, test } from '@jest/globals';
import {
  Process,
  SILENT_LOGGER,
  startNode,
  UPID,
  type ProcessManager,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { Chatter } from '../simulation/chatter.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

const runtime = () => nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });

class Echo extends Process {
  constructor() {
    super('echo');
    this.installRaw('ping', (from, body) => this.post(from, 'pong', body));
  }
}

class Caller extends Process {
  readonly got: number[] = [];
  readonly gone: string[] = [];
  onChange: () => void = () => undefined;
  constructor() {
    super('caller');
    this.installRaw('pong', (_from, body) => {
      this.got.push(body[0] ?? -1);
      this.onChange();
    });
  }
  call(to: UPID, count: number): void {
    for (let n = 0; n < count; n += 1) this.post(to, 'ping', Uint8Array.of(n & 0xff));
  }
  watch(to: UPID): void {
    this.link(to);
  }
  protected override exited(upid: UPID): void {
    this.gone.push(upid.id);
    this.onChange();
  }
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.onChange = () => {
        if (condition()) resolve();
      };
      this.onChange();
    });
  }
}

function post(node: ProcessManager, pid: UPID, thunk: () => void): void {
  node.post(pid, thunk);
}

describe('two nodes on real sockets', () => {
  test('exchange messages in order and hear of the end of processes', async () => {
    await using a = await startNode({ runtime: runtime() });
    await using b = await startNode({ runtime: runtime() });
    const echo = b.spawn(new Echo());
    const caller = new Caller();
    const pid = a.spawn(caller);
    const remote = new UPID('echo', b.address);
    post(a, pid, () => {
      caller.watch(remote);
      caller.watch(new UPID('nobody', b.address));
      caller.call(remote, 5_000);
    });
    await caller.until(() => caller.got.length === 5_000 && caller.gone.length === 1);
    expect(caller.got).toEqual(Array.from({ length: 5_000 }, (_, n) => n & 0xff));
    expect(caller.gone).toEqual(['nobody']);
    b.terminate(echo);
    await caller.until(() => caller.gone.length === 2);
    expect(caller.gone).toEqual(['nobody', 'echo']);
  });

  test('that dial one another at once agree on one connection, in 20 rounds', async () => {
    for (let round = 0; round < 20; round += 1) {
      await using a = await startNode({ runtime: runtime() });
      await using b = await startNode({ runtime: runtime() });
      const [here, there] = [new Chatter('chatter'), new Chatter('chatter')];
      const [from, to] = [a.spawn(here), b.spawn(there)];
      const numbers = Array.from({ length: 500 }, (_, number) => number);
      for (const [chatter, other] of [
        [here, to],
        [there, from],
      ] as const) {
        chatter.watch(new UPID(other.id, other.address));
        chatter.say(new UPID(other.id, other.address), numbers.length);
      }
      const done = (): boolean => here.story.length + there.story.length >= 2 * numbers.length;
      while (!done()) await new Promise((resolve) => setImmediate(resolve));
      expect([here.story, there.story]).toEqual([numbers, numbers]);
    }
  });
});
