import { expect, test } from '@jest/globals';
import type { ByteConnectionEvents, Network } from '../../network.ts';
import { Simulation } from '../../sim/index.ts';
import { PipeReader } from '../pipe.ts';
import { HttpConnection } from './connection.ts';

const nothing = (): undefined => undefined;
const ASK = { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };

/** A client, and the wire that it hears. */
async function bench() {
  const sim = new Simulation();
  const { clock } = sim.node().runtime;
  const wires: ByteConnectionEvents[] = [];
  const connect: Network['connect'] = (_address, events) => {
    wires.push(events);
    return {
      bufferedBytes: 0,
      write: nothing,
      pause: nothing,
      resume: nothing,
      close: nothing,
      terminate: nothing,
    };
  };
  const network = { connect } as Partial<Network> as Network;
  const connecting = HttpConnection.connect({ network, clock, address: '10.0.0.1:80' });
  const [wire] = wires;
  if (!wire) throw new Error('Nobody connected');
  wire.onOpen();
  return { wire, connection: await sim.complete(connecting) };
}

test.each([
  [true, 'ends where its connection does'],
  [false, 'has broken off, if that was reset'],
])('a body without a length (%s) %s', async (clean) => {
  const { wire, connection } = await bench();
  const answer = connection.send(ASK);
  wire.onBytes(new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\nhalf'));
  const { body } = answer.value;
  if (!(body instanceof PipeReader)) throw new Error('It does not stream');
  wire.onClose('it is gone', clean);
  const all = body.readAll();
  if (clean) expect(all.value).toEqual(new TextEncoder().encode('half'));
  else expect(all.error).toMatchObject({ code: 'ECONNRESET' });
});
