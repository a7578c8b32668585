import type { UPID } from '../../libprocess/upid.ts';
import {
  FrameworkErrorMessage,
  type LaunchTasksMessage,
  type RegisterFrameworkMessage,
  type ReregisterFrameworkMessage,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { acceptOffers } from '../offers/accept.ts';
import type { Framework } from '../state/framework.ts';
import { callerOf } from './calls.ts';
import { subscribe } from './subscribe.ts';

// Drivers of before the scheduler calls, which Mesos still serves, speak in messages of their own.

export function registerFramework(
  ctx: MasterContext,
  from: UPID,
  { framework }: RegisterFrameworkMessage,
): void {
  ctx.metrics.increment('master/messages_register_framework');
  if (framework.id?.value) {
    ctx.send(from, FrameworkErrorMessage, { message: "Registering with 'id' already set" });
    return;
  }
  subscribe(ctx, from, { framework_info: framework, force: false });
}

export function reregisterFramework(
  ctx: MasterContext,
  from: UPID,
  { framework, failover }: ReregisterFrameworkMessage,
): void {
  ctx.metrics.increment('master/messages_reregister_framework');
  if (!framework.id?.value) {
    ctx.send(from, FrameworkErrorMessage, { message: "Reregistering without 'id'" });
    return;
  }
  subscribe(ctx, from, { framework_info: framework, force: failover });
}

export function launchTasksMessage(
  ctx: MasterContext,
  from: UPID,
  message: LaunchTasksMessage,
): void {
  ctx.metrics.increment('master/messages_launch_tasks');
  const framework = callerOf(ctx, from, message.framework_id.value);
  if (!framework) return;
  const launch = { task_infos: message.tasks ?? [] };
  acceptOffers(ctx, framework, {
    offer_ids: message.offer_ids ?? [],
    operations: [{ type: 'LAUNCH', launch }],
    filters: message.filters,
  });
}

/** Runs `then` with the framework of a message, if the message is from its scheduler. */
export function asCaller(
  ctx: MasterContext,
  {
    from,
    framework_id,
  }: { readonly from: UPID; readonly framework_id: { readonly value: string } },
  then: (framework: Framework) => void,
): void {
  const framework = callerOf(ctx, from, framework_id.value);
  if (framework) then(framework);
}
