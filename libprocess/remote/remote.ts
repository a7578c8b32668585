import type { CallLimits } from '../dispatch.ts';
import { RuntimeError } from '../errors.ts';
import { Future, FuturePromise, isPromiseLike } from '../future.ts';
import { within } from '../futures/within.ts';
import type { ProcessManager } from '../process-manager.ts';
import { UPID } from '../upid.ts';
import { CallerProcess, failure, type RemoteCall } from './caller-process.ts';
import { outgoing, type Checked } from './checked.ts';
import {
  CALL_TIMEOUT,
  type CallMethod,
  type CastMethod,
  type Protocol,
  type Remote,
} from './protocol.ts';

/**
 * A process that serves a protocol, of this node or another: its calls give futures that fail with
 * `RemoteCallError`, at the latest after their timeout, or with the reason of the signal that aborts. Making one says nothing to anybody.
 */
export function remote<P extends Protocol>(
  node: ProcessManager,
  protocol: P,
  to: UPID | string,
): Remote<P> {
  const upid = typeof to === 'string' ? UPID.parse(to) : to;
  if (!upid)
    throw new RuntimeError('INVALID_UPID', `Invalid address '${String(to)}': expecting ID@IP:PORT`);
  const client: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, method] of Object.entries(protocol.methods)) {
    const target = { node, to: upid, method: `${protocol.name}.${name}` };
    client[name] =
      method.kind === 'call'
        ? (args: unknown, limits?: CallLimits) => callMethod(target, method, args, limits)
        : (args: unknown): void => {
            castMethod(target, method, args);
          };
  }
  return client as Remote<P>; // It has just got a function for each method.
}

interface Target {
  readonly node: ProcessManager;
  readonly to: UPID;
  readonly method: string;
}

// eslint-disable-next-line max-params -- Once for each call.
function callMethod(
  target: Target,
  method: CallMethod,
  args: unknown,
  { timeout = method.timeout, signal }: CallLimits = {},
): Future<unknown> {
  if (signal?.aborted) return Future.failed(signal.reason);
  const { node, to } = target;
  const start = (checked: Checked): Future<unknown> => {
    if (!checked.ok) return refusedSoon(node, failure(target, 'BAD_ARGUMENTS', checked.why));
    const { result } = method;
    return callUntyped(node, { to, method: target.method, args: checked.value, timeout, result });
  };
  const checking = outgoing(method.args, args);
  const answer = isPromiseLike(checking) ? Future.from(checking).then(start) : start(checking);
  return signal ? within(answer, { clock: node.runtime.clock, signal, monitor: node }) : answer;
}

function castMethod(target: Target, method: CastMethod, args: unknown): void {
  const start = (checked: Checked): void => {
    if (!checked.ok) throw failure(target, 'BAD_ARGUMENTS', checked.why);
    const call = { to: target.to, method: target.method, args: checked.value };
    CallerProcess.of(target.node, target).cast({ ...call, timeout: CALL_TIMEOUT });
  };
  const checking = outgoing(method.args, args);
  if (!isPromiseLike(checking)) {
    start(checking);
    return;
  }
  // Its caller has gone on: the node tells what has become of it.
  const promise = new FuturePromise<void>(target.node);
  promise.associate(Future.from(checking).then(start));
}

/** A call by those who know no protocol, such as a command line; the other side still checks. */
export function callUntyped(node: ProcessManager, call: RemoteCall): Future<unknown> {
  try {
    return CallerProcess.of(node, call).call(call);
  } catch (error) {
    return refused(node, error); // The node is closed, or the timeout is no duration.
  }
}

function refused(node: ProcessManager, error: unknown): Future<never> {
  const promise = new FuturePromise<never>(node);
  promise.fail(error);
  return promise.future;
}

/** In a later turn, as what the other side refuses: its caller can look first, and nobody is warned. */
function refusedSoon(node: ProcessManager, error: unknown): Future<never> {
  const promise = new FuturePromise<never>(node);
  node.runtime.schedule(() => void promise.fail(error));
  return promise.future;
}
