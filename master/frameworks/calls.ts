import { frameworkId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { FrameworkErrorMessage, type scheduler } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { acceptOffers } from '../offers/accept.ts';
import { declineOffers } from '../offers/decline.ts';
import type { Framework } from '../state/framework.ts';
import { messageToExecutor, shutdownExecutor } from '../tasks/framework-messages.ts';
import { killTask, reconcileTasks } from '../tasks/kill-and-reconcile.ts';
import { acknowledge } from '../tasks/status-update.ts';
import { removeFramework } from './framework-lifecycle.ts';
import { subscribe } from './subscribe.ts';
import { reviveOffers, suppressOffers, updateFramework } from './update-framework.ts';

/** A call of a scheduler driver. */
export function receiveCall(ctx: MasterContext, from: UPID, call: scheduler.Call): void {
  if (call.type === 'SUBSCRIBE') {
    if (call.subscribe) {
      ctx.metrics.increment('master/messages_register_framework');
      subscribe(ctx, from, call.subscribe);
    }
    return;
  }
  const framework = callerOf(ctx, from, call.framework_id?.value);
  if (!framework) return;
  if (!framework.connected) {
    // We have seen the connection break, it has not: it must not act on a session that is over.
    ctx.send(from, FrameworkErrorMessage, { message: 'Framework disconnected' });
    return;
  }
  framework.counters.increment('calls');
  framework.counters.increment(`calls/${(call.type ?? 'unknown').toLowerCase()}`);
  perform(ctx, framework, call);
}

/** The framework that says it is calling, if it is the one that lives there. */
export function callerOf(
  ctx: MasterContext,
  from: UPID,
  id: string | undefined,
): Framework | undefined {
  const framework = ctx.state.frameworks.registered.get(frameworkId(id ?? ''));
  if (framework?.pid?.equals(from)) return framework;
  ctx.logger.warn('Dropped a call that is not from the scheduler of its framework', {
    framework: id,
    from: from.toString(),
  });
  return undefined;
}

/** Parts that a call lacks make it say nothing. */
function perform(ctx: MasterContext, framework: Framework, call: scheduler.Call): void {
  switch (call.type) {
    case 'TEARDOWN':
      removeFramework(ctx, framework);
      return;
    case 'ACCEPT':
      if (call.accept) acceptOffers(ctx, framework, call.accept);
      return;
    case 'DECLINE':
      if (call.decline) declineOffers(ctx, framework, call.decline);
      return;
    case 'REVIVE':
      reviveOffers(ctx, framework, call.revive?.roles);
      return;
    case 'SUPPRESS':
      suppressOffers(ctx, framework, call.suppress?.roles);
      return;
    case 'KILL':
      if (call.kill) killTask(ctx, framework, call.kill);
      return;
    case 'SHUTDOWN':
      if (call.shutdown) shutdownExecutor(ctx, framework, call.shutdown);
      return;
    case 'ACKNOWLEDGE':
      if (call.acknowledge) acknowledge(ctx, framework, call.acknowledge);
      return;
    case 'RECONCILE':
      if (call.reconcile) reconcileTasks(ctx, framework, call.reconcile.tasks ?? []);
      return;
    case 'MESSAGE':
      if (call.message) messageToExecutor(ctx, framework, call.message);
      return;
    case 'UPDATE_FRAMEWORK':
      update(ctx, framework, call);
      return;
    case 'REQUEST':
      // The allocator has never looked at requests, in Mesos neither.
      ctx.metrics.increment('master/messages_resource_request');
      return;
    default:
      ctx.logger.warn('Dropped a call of a kind that is not served', {
        framework: framework.id,
        type: call.type ?? 'UNKNOWN',
      });
  }
}

function update(ctx: MasterContext, framework: Framework, call: scheduler.Call): void {
  if (!call.update_framework || !framework.pid) return;
  const message = updateFramework(ctx, framework, call.update_framework);
  if (message !== undefined) ctx.send(framework.pid, FrameworkErrorMessage, { message });
}
