import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { ARRIVING_BYTES_MAX, MESSAGE_BODY_BYTES_MAX } from '../../http/limits.ts';
import { collectBody, type Body } from './body.ts';

const MIB = Buffer.alloc(1_024 * 1_024);

/** The body of a message of another node, as it comes. */
class Arriving extends Readable {
  readonly headers = { 'libprocess-from': 'a@127.0.0.1:1' };
  readonly bodies: Body[] = [];

  constructor() {
    super();
    collectBody(this as unknown as IncomingMessage, (body) => this.bodies.push(body));
  }

  override _read(): void {
    // What comes is pushed.
  }

  /** Settles once it is taken. */
  async come(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; left -= MIB.length) this.push(MIB.subarray(0, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('bodies may arrive with so many bytes together, and a byte more is refused with 503', async () => {
  const most = MESSAGE_BODY_BYTES_MAX - 1; // A byte more would be all that one may have.
  const others = Array.from(
    { length: Math.floor(ARRIVING_BYTES_MAX / most) },
    () => new Arriving(),
  );
  for (const each of others) await each.come(most);
  const last = new Arriving();
  await last.come(ARRIVING_BYTES_MAX - others.length * most);
  expect([...others, last].flatMap(({ bodies }) => bodies)).toEqual([]);
  await last.come(1);
  expect(last.bodies).toMatchObject([{ kind: 'refused', response: { status: 503 } }]);
  // What the refused one held is free again, and so is what others leave.
  const next = new Arriving();
  await next.come(1);
  for (const each of others) each.destroy();
  await Promise.all(others.map((each) => once(each, 'close')));
  await next.come(most);
  next.push(null);
  await once(next, 'close');
  expect(next.bodies).toMatchObject([{ kind: 'whole', bytes: { length: most + 1 } }]);
  expect(others.flatMap(({ bodies }) => bodies)).toEqual(others.map(() => ({ kind: 'broken' })));
});
