import { context, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Process,
  SILENT_LOGGER,
  startNode,
  tell,
  UPID,
  type ProcessManager,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { CppPeer } from '../support/cpp-peer.ts';
import { eventually } from '../support/secure-node.ts';

class Far extends Process {
  heard = 0;
  constructor() {
    super('far');
    this.installRaw('Work', () => {
      this.heard += 1;
      if (this.heard === 3) throw new RangeError('enough');
    });
  }
}

class Near extends Process {
  readonly #far: UPID;
  constructor(far: UPID) {
    super('near');
    this.#far = far;
  }
  pass(): void {
    this.post(this.#far, 'Work', Buffer.from('work'));
  }
}

const start = (): Promise<ProcessManager> =>
  startNode({
    runtime: nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER }),
    environment: {},
  });

const TRACEPARENT = /^traceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-01$/m;

describe('without an SDK', () => {
  test('nothing is traced, and nothing of a trace goes to another node', async () => {
    await using here = await start();
    await using peer = await CppPeer.start();
    const near = here.spawn(new Near(peer.upid('master')));
    // The API alone gives spans that nobody keeps.
    trace.getTracer('test').startActiveSpan('cause', () => {
      tell(near, 'pass');
    });
    await eventually(() => peer.messages.length === 1);
    expect(here.tracing).toBeUndefined();
    expect(peer.messages[0]?.head).not.toMatch(/trace/i);
  });
});

describe('with an SDK of OpenTelemetry', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  beforeAll(() => {
    provider.register();
  });
  afterAll(async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
  });

  const finished = (name: string): ReadableSpan | undefined =>
    exporter.getFinishedSpans().find((span) => span.name === name);
  /** Runs `thunk` within a span of the program; the id of its trace. */
  const cause = (thunk: () => void): string =>
    trace.getTracer('test').startActiveSpan('cause', (span) => {
      thunk();
      span.end();
      return span.spanContext().traceId;
    });

  test('a message between two nodes is one trace: its cause, the call and the message', async () => {
    exporter.reset();
    await using here = await start();
    await using there = await start();
    const far = new Far();
    there.spawn(far);
    const actor = new Near(new UPID('far', there.address));
    const near = here.spawn(actor);
    const traceId = cause(() => {
      tell(near, 'pass');
    });
    await eventually(() => finished('far Work') !== undefined);
    const [call, message] = [finished('near pass'), finished('far Work')];
    expect([call, message].map((span) => span?.spanContext().traceId)).toEqual([traceId, traceId]);
    expect(call?.parentSpanContext?.spanId).toBe(finished('cause')?.spanContext().spanId);
    expect(message?.parentSpanContext).toMatchObject({
      spanId: call?.spanContext().spanId,
      isRemote: true,
    });
    expect(message?.attributes).toMatchObject({
      'libprocess.pid': `far@${there.address}`,
      'libprocess.from': `near@${here.address}`,
    });

    // What nobody traces begins no trace, and what throws has failed.
    here.post(near, () => {
      actor.pass();
    });
    await eventually(() => far.heard === 2);
    expect(exporter.getFinishedSpans()).toHaveLength(3);
    exporter.reset();
    cause(() => {
      tell(near, 'pass');
    });
    await eventually(() => finished('far Work') !== undefined);
    expect(finished('far Work')?.events).toMatchObject([{ name: 'exception' }]);
  });

  test('a trace goes to C++ processes as headers, and on from theirs', async () => {
    exporter.reset();
    await using peer = await CppPeer.start();
    await using here = await start();
    const near = here.spawn(new Near(peer.upid('master')));
    here.spawn(new Far());
    const traceId = cause(() => {
      tell(near, 'pass');
    });
    await eventually(() => peer.messages.length === 1);
    const [, id, parent] = TRACEPARENT.exec(peer.messages[0]?.head ?? '') ?? [];
    expect(id).toBe(traceId);
    expect(parent).toBe(finished('near pass')?.spanContext().spanId);
    expect(peer.messages[0]).toMatchObject({ name: 'Work', body: 'work' });

    const headers = `traceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\r\ntracestate: x=y\r\n`;
    peer.send('master', new UPID('far', here.address), { name: 'Work', body: '', headers });
    await eventually(() => finished('far Work') !== undefined);
    const span = finished('far Work');
    expect(span?.spanContext().traceId).toBe('a'.repeat(32));
    expect(span?.parentSpanContext?.spanId).toBe('b'.repeat(16));
    expect(span?.spanContext().traceState?.serialize()).toBe('x=y');
  });
});
