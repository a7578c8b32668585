import { frameworkId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  FrameworkErrorMessage,
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  UpdateFrameworkMessage,
  type FrameworkInfo,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { compact } from '../state/compact.ts';
import type { Framework } from '../state/framework.ts';
import { allocatorFramework } from './allocator-framework.ts';
import { addFramework, endOffers, stopFailoverTimer } from './framework-lifecycle.ts';
import { frameworkInfoProblem } from './framework-validation.ts';
import {
  decideSubscription,
  FRAMEWORK_FAILED_OVER,
  updatedInfo,
  type SubscriptionDecision,
} from './subscription-decision.ts';

export interface Subscribe {
  readonly framework_info: FrameworkInfo;
  readonly force?: boolean;
  readonly suppressed_roles?: readonly string[];
}

/** A scheduler driver subscribes, for the first time or again. */
export function subscribe(ctx: MasterContext, from: UPID, call: Subscribe): void {
  const info = call.framework_info;
  const problem = frameworkInfoProblem(info) ?? rootProblem(ctx, info);
  if (problem !== undefined) {
    refuse(ctx, from, problem);
    return;
  }
  const { frameworks } = ctx.state;
  const id = frameworkId(info.id?.value ?? '');
  const decision = decideSubscription({
    from,
    info,
    force: call.force ?? false,
    known: frameworks.registered.get(id),
    sender: frameworks.byPid(from),
    completed: frameworks.completed.has(id),
    replaced: frameworks.replaced.get(from.toString()) === id,
  });
  carryOut(ctx, { from, call, info }, decision);
}

function rootProblem(ctx: MasterContext, info: FrameworkInfo): string | undefined {
  if (ctx.flags.rootSubmissions || info.user !== 'root') return undefined;
  return "User 'root' is not allowed to run frameworks without --root_submissions set";
}

function refuse(ctx: MasterContext, from: UPID, message: string): void {
  ctx.logger.warn('Refused a subscription', { from: from.toString(), message });
  ctx.send(from, FrameworkErrorMessage, { message });
}

interface Request {
  readonly from: UPID;
  readonly call: Subscribe;
  readonly info: FrameworkInfo;
}

function carryOut(ctx: MasterContext, request: Request, decision: SubscriptionDecision): void {
  switch (decision.kind) {
    case 'refuse':
      refuse(ctx, request.from, decision.message);
      return;
    case 'repeat':
      repeat(ctx, decision.framework);
      return;
    case 'admit':
      admit(ctx, request);
      return;
    case 'recover':
      admitKnown(ctx, request);
      return;
    case 'reactivate':
      takeOver(ctx, decision.framework, request);
      broadcast(ctx, decision.framework);
      sendRegistered(ctx, decision.framework);
      return;
    case 'failOver':
      failOver(ctx, decision.framework, request);
      return;
    case 'resubscribe':
      resubscribe(ctx, decision.framework, request);
  }
}

function admit(ctx: MasterContext, { from, call, info }: Request): void {
  const id = ctx.state.newFrameworkId();
  const framework = addFramework(ctx, {
    id,
    info: { ...info, id: { value: id } },
    pid: from,
    state: 'active',
    suppressedRoles: call.suppressed_roles ?? [],
  });
  ctx.logger.info('Framework subscribed', { framework: id, name: info.name });
  sendRegistered(ctx, framework);
}

/** After a failover of the master: the framework names itself, its agents may follow. */
function admitKnown(ctx: MasterContext, { from, call, info }: Request): void {
  const framework = addFramework(ctx, {
    id: info.id?.value ?? '',
    info,
    pid: from,
    state: 'active',
    suppressedRoles: call.suppressed_roles ?? [],
  });
  framework.reregisteredAtMs = ctx.now();
  ctx.logger.info('Framework came over from another master', { framework: framework.id });
  broadcast(ctx, framework);
  sendRegistered(ctx, framework);
}

/**
 * It had not heard the answer when it asked. Either that was on its way, and nothing has changed; or it was lost
 * with a connection whose end is not told yet: then offers were lost too, and the link is to be one of the next.
 */
function repeat(ctx: MasterContext, framework: Framework): void {
  const { pid } = framework;
  if (pid && !ctx.linked(pid)) {
    endOffers(ctx, framework, { rescind: true });
    ctx.link(pid);
  }
  sendRegistered(ctx, framework);
}

/** Another instance of the scheduler, or the same one that missed the answer, takes over. */
function failOver(ctx: MasterContext, framework: Framework, request: Request): void {
  const { pid } = framework;
  if (pid && !pid.equals(request.from)) {
    ctx.send(pid, FrameworkErrorMessage, { message: FRAMEWORK_FAILED_OVER });
    if (ctx.linked(pid)) ctx.state.frameworks.replaced.set(pid.toString(), framework.id);
  }
  endOffers(ctx, framework, { rescind: false });
  takeOver(ctx, framework, request);
  ctx.logger.info('Framework failed over', { framework: framework.id });
  broadcast(ctx, framework);
  sendRegistered(ctx, framework);
}

/**
 * The same scheduler again. It may have answered offers in messages that were lost, so that they
 * are all rescinded and their resources offered anew.
 */
function resubscribe(ctx: MasterContext, framework: Framework, request: Request): void {
  endOffers(ctx, framework, { rescind: true });
  takeOver(ctx, framework, request);
  ctx.logger.info('Framework resubscribed', { framework: framework.id });
  ctx.send(request.from, FrameworkReregisteredMessage, {
    framework_id: { value: framework.id },
    master_info: ctx.state.info,
  });
  broadcast(ctx, framework);
}

/** The framework is where `from` is now, as `info` describes it. */
function takeOver(ctx: MasterContext, framework: Framework, { from, call, info }: Request): void {
  stopFailoverTimer(framework);
  framework.update(updatedInfo(framework.info, info));
  framework.suppressedRoles = call.suppressed_roles ?? [];
  framework.reregisteredAtMs = ctx.now();
  framework.pid = from;
  ctx.state.frameworks.replaced.delete(from.toString());
  const wasActive = framework.active;
  framework.state = 'active';
  ctx.link(from);
  ctx.allocator.updateFramework(allocatorFramework(framework));
  if (!wasActive) ctx.allocator.activateFramework(framework.id);
}

function sendRegistered(ctx: MasterContext, framework: Framework): void {
  if (!framework.pid) return;
  ctx.send(framework.pid, FrameworkRegisteredMessage, {
    framework_id: { value: framework.id },
    master_info: ctx.state.info,
  });
}

/** Tells all agents where the framework is: an executor without tasks may want to know, too. */
export function broadcast(ctx: MasterContext, framework: Framework): void {
  const message = frameworkUpdate(framework);
  for (const agent of ctx.state.agents.registered.values()) {
    ctx.send(agent.pid, UpdateFrameworkMessage, message);
  }
}

export const frameworkUpdate = (framework: Framework): UpdateFrameworkMessage =>
  compact({
    framework_id: { value: framework.id },
    pid: framework.pid?.toString(),
    framework_info: framework.info,
  });
