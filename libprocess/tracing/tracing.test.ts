import { describe, expect, test } from '@jest/globals';
import { dispatch, tell } from '../dispatch.ts';
import { type Future, FuturePromise } from '../future.ts';
import { json } from '../http/responses.ts';
import { Message } from '../message.ts';
import { Process } from '../process.ts';
import type { ProcessManager } from '../process-manager.ts';
import { call, protocol } from '../remote/protocol.ts';
import { remote } from '../remote/remote.ts';
import { RemoteProcess } from '../remote/remote-process.ts';
import * as shape from '../remote/shape.ts';
import { Simulation } from '../sim/index.ts';
import { startNode } from '../start-node.ts';
import { UPID } from '../upid.ts';
import { parseTraceHeaders, printTraceHeaders, type SpanReference } from './trace-context.ts';
import type { SpanStart, TraceContext, Tracer } from './tracer.ts';

interface Told {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  ended: boolean;
  failed: boolean;
}

/** Keeps its spans. */
class MemoryTracer implements Tracer {
  readonly spans: Told[] = [];
  readonly #references = new WeakMap<TraceContext, SpanReference>();
  #active: TraceContext | undefined;

  active(): TraceContext | undefined {
    return this.#active;
  }
  run(context: TraceContext | undefined, thunk: () => void): void {
    const before = this.#active;
    this.#active = context;
    try {
      thunk();
    } finally {
      this.#active = before;
    }
  }
  begin({ name, kind, parent }: SpanStart) {
    const above = parent && this.#references.get(parent);
    const ordinal = (this.spans.length + 1).toString(16);
    const traceId = above?.traceId ?? ordinal.padStart(32, '0');
    const spanId = ordinal.padStart(16, '0');
    const told = {
      name,
      kind,
      traceId,
      spanId,
      parent: above?.spanId,
      ended: false,
      failed: false,
    };
    this.spans.push(told);
    return {
      context: this.enter({ traceId, spanId, flags: 1 }),
      setAttribute: () => undefined,
      fail: () => void (told.failed = true),
      end: () => void (told.ended = true),
    };
  }
  enter(span: SpanReference): TraceContext {
    const context: TraceContext = {};
    this.#references.set(context, span);
    return context;
  }
  referenceOf(context: TraceContext): SpanReference | undefined {
    return this.#references.get(context);
  }
}

class Far extends Process {
  handled = 0;
  constructor() {
    super('far');
    this.installRaw('Work', () => {
      this.handled += 1;
    });
  }
}

class Middle extends Process {
  readonly #far: UPID;
  constructor(far: UPID) {
    super('middle');
    this.#far = far;
  }
  pass(): void {
    this.defer(() => {
      this.post(this.#far, 'Work', new Uint8Array(0));
    })();
  }
}

class Front extends Process {
  constructor(middle: () => void) {
    super('front');
    this.route('/', () => {
      middle();
      return json(200, JSON.stringify(this.node.tracing?.headers() ?? null));
    });
  }
}

async function start() {
  const sim = new Simulation();
  const tracer = new MemoryTracer();
  const boot = (): Promise<ProcessManager> => {
    const { runtime, machine } = sim.node();
    return sim.complete(startNode({ runtime: { ...runtime, tracer }, ip: machine.ip }));
  };
  const [here, there] = [await boot(), await boot()];
  const far = new Far();
  const middle = here.spawn(new Middle(there.spawn(far)));
  here.spawn(new Front(() => tell(middle, 'pass')));
  await sim.settle();
  const request = async (headers: Record<string, string>) => {
    const head = { method: 'GET', path: '/front', query: {}, headers, remoteAddress: '10.0.0.9:1' };
    return sim.complete(here.http({ ...head, body: new Uint8Array(0) }));
  };
  return { sim, tracer, here, far, request };
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('a trace', () => {
  test('follows a request through three actors on two nodes', async () => {
    const { sim, tracer, request } = await start();
    const { body } = await request({ traceparent: TRACEPARENT, tracestate: 'a=b' });
    await sim.advance(5_000);
    expect(tracer.spans).toMatchObject([
      { name: 'GET /front', kind: 'server', traceId: TRACE, parent: '00f067aa0ba902b7' },
      { name: 'middle pass', kind: 'internal', traceId: TRACE, parent: '0000000000000001' },
      { name: 'far Work', kind: 'consumer', traceId: TRACE, parent: '0000000000000002' },
    ]);
    expect(tracer.spans.every(({ ended, failed }) => ended && !failed)).toBe(true);
    expect(new TextDecoder().decode(body as Uint8Array)).toContain(
      `00-${TRACE}-0000000000000001-01`,
    );
  });

  test('goes over the wire with its message', async () => {
    const { sim, tracer, here, far } = await start();
    const parent = tracer.enter({
      traceId: TRACE,
      spanId: '1'.repeat(16),
      flags: 1,
      tracestate: 'a=b',
    });
    const from = new UPID('sender', here.address);
    const work = () => Message.ofBytes({ name: 'Work', from, to: far.self }, new Uint8Array(0));
    tracer.run(parent, () => {
      here.send(work());
    });
    here.send(work());
    await sim.advance(5_000);
    expect(far.handled).toBe(2);
    expect(tracer.spans).toMatchObject([
      { name: 'far Work', kind: 'consumer', traceId: TRACE, parent: '1'.repeat(16) },
    ]);
  });

  test('tells that a call has failed, and lasts until it is answered', async () => {
    const { sim, tracer, here } = await start();
    const later = new FuturePromise<number>();
    const kv = protocol('kv', { get: call(shape.string, shape.string) });
    class Called extends RemoteProcess {
      constructor() {
        super('called');
        this.serve(kv, this);
      }
      get(): string {
        throw new RangeError('no such key');
      }
      throws(): number {
        throw new RangeError('no');
      }
      waits(): Future<number> {
        return later.future;
      }
    }
    const pid = here.spawn(new Called());
    const parent = tracer.enter({ traceId: TRACE, spanId: '1'.repeat(16), flags: 1 });
    tracer.run(parent, () => {
      void dispatch(pid, 'throws');
      void dispatch(pid, 'waits');
      remote(here, kv, pid)
        .get('a')
        .onFailed(() => undefined);
    });
    await sim.advance(1_000);
    const told = (): unknown[] =>
      tracer.spans.map(({ name, ended, failed }) => [name, ended, failed]);
    expect(told()).toEqual([
      ['called throws', true, true],
      ['called waits', false, false],
      ['called libprocess.Call kv.get', true, true],
      expect.arrayContaining(['__calls__ libprocess.Result', true, false]),
    ]);
    // To tell a tracer is nobody's looking at the failure.
    expect(here.counters.unobservedFailures).toBe(1);
    later.fail(new RangeError('late'));
    expect(told()[1]).toEqual(['called waits', true, true]);
  });

  test('that makes no sense is counted, and the request is served', async () => {
    const { tracer, here, request } = await start();
    expect((await request({ traceparent: 'nonsense' })).status).toBe(200);
    expect(here.counters.malformedTraceContexts).toBe(1);
    expect(tracer.spans[0]).toMatchObject({ name: 'GET /front', parent: undefined });
  });
});

describe('traceparent', () => {
  test.each([
    [TRACEPARENT, { traceId: TRACE, spanId: '00f067aa0ba902b7', flags: 1 }],
    [
      `cc-${TRACE}-00f067aa0ba902b7-01-more`,
      { traceId: TRACE, spanId: '00f067aa0ba902b7', flags: 1 },
    ],
    [`00-${TRACE}-00f067aa0ba902b7-01-more`, undefined],
    [`ff-${TRACE}-00f067aa0ba902b7-01`, undefined],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [TRACEPARENT.toUpperCase(), undefined],
    [`${TRACEPARENT} `, undefined],
    ['', undefined],
  ])('%s is %j', (traceparent, expected) => {
    expect(parseTraceHeaders({ traceparent })).toEqual(expected);
  });

  test('is printed as it was read, a state that is too long or odd left out', () => {
    const read = (tracestate: string) => {
      const span = parseTraceHeaders({ traceparent: TRACEPARENT, tracestate });
      return span && printTraceHeaders(span);
    };
    expect(read('a=b,c=d')).toEqual({ traceparent: TRACEPARENT, tracestate: 'a=b,c=d' });
    expect(read('a='.repeat(300))).toEqual({ traceparent: TRACEPARENT });
    expect(read('a=\n')).toEqual({ traceparent: TRACEPARENT });
  });
});
