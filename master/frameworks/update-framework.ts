import type { scheduler } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Framework } from '../state/framework.ts';
import { allocatorFramework } from './allocator-framework.ts';
import { frameworkInfoProblem } from './framework-validation.ts';
import { broadcast } from './subscribe.ts';

/**
 * UPDATE_FRAMEWORK: changes roles, suppression, capabilities and the rest of what a framework says
 * of itself. What is fixed for life is an error here, not ignored. Returns what is wrong.
 */
export function updateFramework(
  ctx: MasterContext,
  framework: Framework,
  call: scheduler.CallUpdateFramework,
): string | undefined {
  const info = call.framework_info;
  const problem = frameworkInfoProblem(info) ?? fixedFieldProblem(framework, call);
  if (problem !== undefined) {
    ctx.logger.warn('Refused an update of a framework', { framework: framework.id, problem });
    return problem;
  }
  framework.update(info);
  framework.suppressedRoles = call.suppressed_roles ?? [];
  ctx.allocator.updateFramework(allocatorFramework(framework));
  broadcast(ctx, framework);
  return undefined;
}

function fixedFieldProblem(
  { info, id }: Framework,
  { framework_info }: scheduler.CallUpdateFramework,
): string | undefined {
  if (framework_info.id?.value !== id) return "'FrameworkInfo.id' does not match the call";
  const fixed = [
    ['principal', info.principal ?? '', framework_info.principal ?? ''],
    ['user', info.user, framework_info.user],
    ['checkpoint', info.checkpoint ?? false, framework_info.checkpoint ?? false],
  ] as const;
  const changed = fixed.find(([, current, next]) => current !== next);
  return changed && `Updating 'FrameworkInfo.${changed[0]}' is unsupported`;
}

/** SUPPRESS: no offers in these roles; in all of them if none is named. */
export function suppressOffers(
  ctx: MasterContext,
  framework: Framework,
  roles: readonly string[] = [],
): void {
  ctx.metrics.increment('master/messages_suppress_offers');
  const affected = affectedRoles(framework, roles);
  if (affected.length === 0) return;
  framework.suppressedRoles = new Set([...framework.suppressedRoles, ...affected]);
  ctx.allocator.suppressOffers(framework.id, affected);
}

/** REVIVE: offers again in these roles, and forgets what was refused there. */
export function reviveOffers(
  ctx: MasterContext,
  framework: Framework,
  roles: readonly string[] = [],
): void {
  ctx.metrics.increment('master/messages_revive_offers');
  const affected = new Set(affectedRoles(framework, roles));
  if (affected.size === 0) return;
  framework.suppressedRoles = new Set(
    [...framework.suppressedRoles].filter((role) => !affected.has(role)),
  );
  ctx.allocator.reviveOffers(framework.id, [...affected]);
}

/** Roles that it is not in are left out: a late call may name them. */
function affectedRoles(framework: Framework, named: readonly string[]): readonly string[] {
  if (named.length === 0) return framework.roles;
  const wanted = new Set(named);
  return framework.roles.filter((role) => wanted.has(role));
}
