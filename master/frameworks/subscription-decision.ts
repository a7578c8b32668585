import type { UPID } from '../../libprocess/upid.ts';
import type { FrameworkInfo } from '../../proto/index.ts';
import type { Framework } from '../state/framework.ts';

/** A scheduler's wish to subscribe, and what the master knows that bears on it. */
export interface Subscription {
  readonly from: UPID;
  readonly info: FrameworkInfo;
  /** Set by a driver that was started with a framework id: it means to take over. */
  readonly force: boolean;
  /** The framework whose id `info` carries. */
  readonly known: Framework | undefined;
  /** The framework that lives at `from`. */
  readonly sender: Framework | undefined;
  /** Whether the framework whose id `info` carries is over. */
  readonly completed: boolean;
  /** Whether another scheduler has taken the framework over from `from`, which cannot have heard of it yet. */
  readonly replaced: boolean;
}

export type SubscriptionDecision =
  | { readonly kind: 'refuse'; readonly message: string }
  /** The answer to its first subscription was lost, or is on its way. */
  | { readonly kind: 'repeat'; readonly framework: Framework }
  | { readonly kind: 'admit' }
  /** It has an id that we do not know: its former master has failed. */
  | { readonly kind: 'recover' }
  /**
   * Agents have told of it, its scheduler has now come too; or its connection was lost before it heard its
   * id. C++ Mesos only repeats its answer to that one, and never offers it anything.
   */
  | { readonly kind: 'reactivate'; readonly framework: Framework }
  /** The same scheduler has lost and found us. */
  | { readonly kind: 'resubscribe'; readonly framework: Framework }
  /** Another scheduler instance takes over. */
  | { readonly kind: 'failOver'; readonly framework: Framework };

export const FRAMEWORK_REMOVED = 'Framework has been removed';
export const FRAMEWORK_FAILED_OVER = 'Framework failed over';

/** The table of semantics: who may subscribe as what (master.cpp, `subscribe` and `_subscribe`). */
export function decideSubscription(subscription: Subscription): SubscriptionDecision {
  const { from, info, force, known, sender, completed, replaced } = subscription;
  if (completed) return { kind: 'refuse', message: FRAMEWORK_REMOVED };
  if (!info.id?.value) {
    if (!sender) return { kind: 'admit' };
    return { kind: sender.connected ? 'repeat' : 'reactivate', framework: sender };
  }
  if (!known) return { kind: 'recover' };
  if ((known.info.principal ?? '') !== (info.principal ?? '')) {
    return { kind: 'refuse', message: "Changing framework's principal is not allowed" };
  }
  if (known.recovered) return { kind: 'reactivate', framework: known };
  // It asked before it heard: whoever came last has the framework, or each of two would end the other.
  if (replaced) return { kind: 'refuse', message: FRAMEWORK_FAILED_OVER };
  const samePid = known.pid?.equals(from) ?? false;
  if (force) return { kind: 'failOver', framework: known };
  if (samePid) return { kind: 'resubscribe', framework: known };
  return { kind: 'refuse', message: FRAMEWORK_FAILED_OVER };
}

/** `next` with what a framework keeps for life: a change of these is ignored on resubscription. */
export function updatedInfo(current: FrameworkInfo, next: FrameworkInfo): FrameworkInfo {
  const { checkpoint: _ignored, ...rest } = next;
  const kept = current.checkpoint === undefined ? {} : { checkpoint: current.checkpoint };
  return { ...rest, ...(current.id && { id: current.id }), user: current.user, ...kept };
}
