import { describe, expect, test } from '@jest/globals';
import { bytes, rejection, text } from '../../../tests/conformance/subject.ts';
import { describeSockets } from '../../../tests/conformance/sockets.ts';
import type { Socket } from '../../io/sockets.ts';
import { Simulation, type SimNode } from '../simulation.ts';

describeSockets('SimSockets', async () => {
  const sim = new Simulation();
  const { runtime } = sim.node();
  await sim.complete(runtime.disk.makeDirectory('/root'));
  return {
    it: runtime.sockets,
    clock: runtime.clock,
    disk: runtime.disk,
    root: '/root',
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

async function connected(
  sim: Simulation,
): Promise<{ here: SimNode; there: SimNode; client: Socket; accepted: Socket }> {
  const [here, there] = [sim.node(), sim.node()];
  const address = { ip: there.machine.ip, port: 7_000 };
  const server = await sim.complete(there.runtime.sockets.listen(address));
  const client = await sim.complete(here.runtime.sockets.connect(address));
  return { here, there, client, accepted: await sim.complete(server.accept()) };
}

describe('a simulated socket', () => {
  test('is reset when the process at its other end is killed', async () => {
    const sim = new Simulation();
    const { there, client } = await connected(sim);
    sim.kill(there);
    expect(await sim.complete(rejection(client.read()))).toMatchObject({ code: 'ECONNRESET' });
    expect(await sim.complete(rejection(client.write(bytes('x'))))).toMatchObject({
      code: 'ECONNRESET',
    });
  });

  test('waits for a partition to heal, and loses nothing', async () => {
    const sim = new Simulation();
    const { here, client, accepted } = await connected(sim);
    sim.network.isolate(here.machine.ip);
    client.write(bytes('late'));
    await sim.advance(60_000);
    const read = accepted.read();
    expect(read.isPending).toBe(true);
    sim.network.heal();
    expect(text(await sim.complete(read))).toBe('late');
  });

  test('does not reach a machine that is cut off, within its time', async () => {
    const sim = new Simulation();
    const [here, there] = [sim.node(), sim.node()];
    sim.network.isolate(there.machine.ip);
    const address = { ip: there.machine.ip, port: 7_000 };
    const attempt = here.runtime.sockets.connect(address, { timeoutMs: 2_000 });
    expect(await sim.complete(rejection(attempt))).toMatchObject({ code: 'ETIMEDOUT' });
    expect(sim.nowMs).toBeLessThan(2_500);
  });

  test('leaves its path behind when its process is killed', async () => {
    const sim = new Simulation();
    const before = sim.node();
    const address = { path: '/socket' };
    await sim.complete(before.runtime.sockets.listen(address));
    sim.kill(before);
    const { sockets, disk } = sim.boot(before.machine).runtime;
    const refused = sim.complete(rejection(sockets.connect(address)));
    expect(await refused).toMatchObject({ code: 'ECONNREFUSED' });
    const taken = sim.complete(rejection(sockets.listen(address)));
    expect(await taken).toMatchObject({ code: 'EADDRINUSE' });
    await sim.complete(disk.unlink('/socket'));
    await sim.complete(sockets.listen(address));
  });
});
