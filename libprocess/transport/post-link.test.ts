import { describe, expect, test } from '@jest/globals';
import { Message } from '../message.ts';
import type { ByteConnectionEvents, Network } from '../network.ts';
import { Simulation } from '../sim/index.ts';
import { UPID } from '../upid.ts';
import { zeroCounters } from './counters.ts';
import { POST_FORM_MS } from './limits.ts';
import { PostLink } from './post-link.ts';

const REMOTE = new UPID('master', '10.0.0.2:5050');
const LOCAL = new UPID('here', '10.0.0.1:5050');
const ACCEPTED = new TextEncoder().encode('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n');

interface Wire {
  readonly events: ByteConnectionEvents;
  written: number;
  closed: boolean;
}

/** A link over connections that a test answers for. */
function bed() {
  const sim = new Simulation();
  const { runtime } = sim.node();
  const wires: Wire[] = [];
  const network: Network = {
    ...runtime.network,
    connect: (_address, events) => {
      const wire: Wire = { events, written: 0, closed: false };
      wires.push(wire);
      return {
        bufferedBytes: 0,
        write: () => (wire.written += 1),
        pause: () => undefined,
        resume: () => undefined,
        close: () => (wire.closed = true),
        terminate: () => (wire.closed = true),
      };
    },
  };
  const told: string[] = [];
  const link: PostLink = new PostLink({
    address: REMOTE.address,
    network,
    clock: runtime.clock,
    counters: zeroCounters(),
    owner: {
      onDirty: () => undefined,
      onBroken: (reason) => told.push(`broken: ${reason}`),
      onIdle: () => {
        told.push('idle');
        link.close();
      },
    },
  });
  const send = (): void => {
    link.send(Message.ofBytes({ name: 'ping', from: LOCAL, to: REMOTE }, new Uint8Array(0)));
    link.flush();
  };
  return { sim, link, wires, told, send };
}

describe('a link of POSTs', () => {
  test('is given up when nothing was said for a while and all is answered', async () => {
    const { sim, wires, told, send } = bed();
    send();
    wires[0]?.events.onBytes(ACCEPTED);
    await sim.advance(2 * POST_FORM_MS);
    expect(told).toEqual(['idle']);
    expect(wires).toMatchObject([{ written: 1, closed: true }]);
  });

  test('waits for answers of a peer that gives them', async () => {
    const { sim, wires, told, send } = bed();
    send();
    send();
    wires[0]?.events.onBytes(ACCEPTED);
    await sim.advance(10 * POST_FORM_MS);
    expect(told).toEqual([]);
  });

  test('does not wait for those of a peer that never gave any', async () => {
    const { sim, wires, told, send } = bed();
    send();
    await sim.advance(3 * POST_FORM_MS);
    expect(told).toEqual(['idle']);
    expect(wires).toMatchObject([{ closed: true }]);
  });

  test('is replaced on request once nothing is awaited', async () => {
    const { sim, link, wires, send } = bed();
    link.link();
    send();
    link.reconnect();
    expect(wires).toHaveLength(1);
    wires[0]?.events.onBytes(ACCEPTED);
    link.reconnect();
    expect(wires).toMatchObject([{ closed: true }, { closed: false }]);
    send();
    await sim.advance(2 * POST_FORM_MS);
    link.reconnect();
    expect(wires).toMatchObject([{ closed: true }, { closed: true }, { closed: false }]);
  });

  test('breaks when its connection ends, and not by the end of one that was replaced', () => {
    const { link, wires, told } = bed();
    link.link();
    link.reconnect();
    wires[0]?.events.onClose('closed by the peer', true);
    expect(told).toEqual([]);
    wires[1]?.events.onClose('closed by the peer', true);
    expect(told).toEqual(['broken: closed by the peer']);
  });

  test('breaks when the peer does not answer in HTTP', () => {
    const { wires, told, send } = bed();
    send();
    wires[0]?.events.onBytes(new TextEncoder().encode('hello\r\n\r\n'));
    expect(told).toEqual(['broken: the peer does not answer in HTTP']);
  });
});
