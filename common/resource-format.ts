import type { Resource } from '../proto/index.ts';
import { toPreRefinement } from './resource-wire.ts';

/**
 * A message whose resources say `role` and `reservation`, as agents write them to disk and to the
 * master: older versions of both read nothing else (`downgradeResources`). Unchanged if one of the
 * reservations is refined, which that format cannot say.
 */
export function inPreRefinementFormat<M extends { readonly resources?: readonly Resource[] }>(
  message: M,
): M {
  const { resources } = message;
  if (!resources || resources.some(isRefined)) return message;
  const old = resources.map((each) => (each.role === undefined ? toPreRefinement(each) : each));
  return { ...message, resources: old };
}

const isRefined = ({ reservations }: Resource): boolean => (reservations?.length ?? 0) > 1;
