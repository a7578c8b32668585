import { expect, test } from '@jest/globals';
import { Process } from '../process.ts';
import { ProcessManager } from '../process-manager.ts';
import { Simulation } from '../sim/index.ts';
import type { UPID } from '../upid.ts';
import { callUntyped } from './remote.ts';
import { CALL } from './wire.ts';

class Plain extends Process {
  say(to: UPID, body: Uint8Array): void {
    this.post(to, CALL, body);
  }
}

test('a call of a process that takes none is refused at once, and counted', async () => {
  const sim = new Simulation();
  const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
  const plain = new Plain('plain');
  const to = node.spawn(plain);
  const called = callUntyped(node, { to, method: 'get', args: undefined, timeout: '5s' });
  await sim.advance(1);
  expect(called.error).toMatchObject({ code: 'NO_SUCH_METHOD' });
  expect(String(called.error)).toContain("'plain' takes no remote calls");
  // What nobody can read has no caller.
  plain.say(to, Uint8Array.of(0xff));
  await sim.advance(1);
  expect([node.counters.unknownMessages, node.has('plain')]).toEqual([2, true]);
});
