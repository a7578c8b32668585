import { idProblem, roleProblem } from '../../common/validation.ts';
import type { FrameworkInfo } from '../../proto/index.ts';
import { hasCapability, rolesOf } from '../state/framework.ts';

/** Longer than this does not fit Mesos's durations: 64-bit nanoseconds. */
const FAILOVER_TIMEOUT_SECONDS_MAX = 2 ** 63 / 1e9;

/** Most roles that one framework may have. */
export const ROLES_MAX = 10_000;

/** What is wrong with a framework that wants to subscribe or be updated; undefined if nothing. */
export function frameworkInfoProblem(info: FrameworkInfo): string | undefined {
  return rolesProblem(info) ?? frameworkIdProblem(info) ?? failoverTimeoutProblem(info);
}

function rolesProblem(info: FrameworkInfo): string | undefined {
  if (hasCapability(info, 'MULTI_ROLE')) {
    if (info.role !== undefined) {
      return "'FrameworkInfo.role' must not be set with the MULTI_ROLE capability";
    }
  } else if (info.roles?.length) {
    return "'FrameworkInfo.roles' must not be set without the MULTI_ROLE capability";
  }
  const roles = rolesOf(info);
  if (roles.length > ROLES_MAX) return `'FrameworkInfo.roles' has more than ${ROLES_MAX} roles`;
  const seen = new Set<string>();
  for (const role of roles) {
    if (seen.has(role)) return `'FrameworkInfo.roles' contains '${role}' twice`;
    seen.add(role);
    const problem = roleProblem(role);
    if (problem) return `'FrameworkInfo.roles' contains an invalid role: ${problem}`;
  }
  return undefined;
}

function frameworkIdProblem(info: FrameworkInfo): string | undefined {
  if (!info.id?.value) return undefined; // Without a value it is a new framework.
  const problem = idProblem(info.id.value);
  return problem && `'FrameworkInfo.id' is invalid: ${problem}`;
}

function failoverTimeoutProblem(info: FrameworkInfo): string | undefined {
  const seconds = info.failover_timeout ?? 0;
  if (seconds >= 0 && seconds < FAILOVER_TIMEOUT_SECONDS_MAX) return undefined;
  return `'FrameworkInfo.failover_timeout' of ${seconds} seconds is not a valid duration`;
}
