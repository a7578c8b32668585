import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeValue, MalformedValueError } from '../codec/msgpack.ts';
import {
  call,
  cast,
  protocol,
  ProcessManager,
  remote,
  RemoteProcess,
  shape,
  UPID,
} from '../index.ts';
import { Message } from '../message.ts';
import { Simulation } from '../sim/index.ts';
import {
  CALL,
  CAST,
  decodeCall,
  decodeCallId,
  decodeDiscard,
  decodeResult,
  DISCARD,
  encodeCall,
  RESULT,
} from './wire.ts';

const plain = fc.jsonValue({ maxDepth: 3 });
/** Bodies as a hostile peer may make them: noise, any value, and what is nearly right. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  plain.map(encodeValue),
  fc
    .array(fc.oneof(plain, fc.constantFrom(1, null, true, false, 'p.get')), { maxLength: 6 })
    .map(encodeValue),
);

test('the decoders of calls take any bytes: they give nothing, or say that they are malformed', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      for (const decode of [decodeCall, decodeCallId, decodeResult, decodeDiscard]) {
        try {
          decode(body);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedValueError);
        }
      }
    }),
  );
});

test('the id of a call is read without the rest of it', () => {
  const ids = fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { nil: undefined });
  fc.assert(
    fc.property(ids, fc.option(plain, { nil: undefined }), (id, args) => {
      const body = encodeCall({ id, method: 'p.get', args });
      expect(decodeCallId(body)).toBe(id);
      if (id !== undefined) expect(decodeCallId(body.subarray(0, 10))).toBe(id);
    }),
  );
});

describe('a process that others call', () => {
  const P = protocol('p', { get: call(shape.number, shape.number), put: cast(shape.number) });
  class Served extends RemoteProcess {
    constructor(id = 'served') {
      super(id);
      this.serve(P, { get: (value) => value, put: () => undefined });
    }
  }

  test('outlives whatever it is sent, and so does whoever calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(CALL, CAST, DISCARD, RESULT), bodies), { maxLength: 20 }),
        async (messages) => {
          const sim = new Simulation();
          const { runtime } = sim.node();
          const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
          const served = node.spawn(new Served());
          const full = node.spawn(new Served('full'), { mailboxLimit: 0 });
          void remote(node, P, served).get(1);
          const from = new UPID('peer', '10.0.0.1:5050');
          for (const [name, body] of messages)
            for (const to of [served, full, new UPID('__calls__', node.address)])
              node.send(Message.ofBytes({ name, from, to }, body));
          await sim.advance(0);
          expect([node.has('served'), node.has('__calls__'), node.counters.faults]).toEqual([
            true,
            true,
            0,
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
