import { agentId, offerId, taskId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { stateFor } from '../../common/task-state.ts';
import type {
  Filters,
  OfferOperation,
  scheduler,
  TaskInfo,
  TaskStatusReason,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';
import type { OfferRecord } from '../state/offer-record.ts';
import { masterUpdate } from '../tasks/master-update.ts';
import { forwardUpdate } from '../tasks/task-lifecycle.ts';
import { launchTaskGroup } from './launch-group.ts';
import { launchTasks } from './launch.ts';
import { recoverOffer, removeOffer } from './offer-lifecycle.ts';
import { decideOffers } from './offers-validation.ts';

/** An ACCEPT that is being carried out. `remaining` shrinks as its operations take their part. */
export interface Acceptance {
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  remaining: Resources;
}

/**
 * Uses offers. The operations act in order, each on what those before have left; what is left in
 * the end goes back to the allocator with the filter of the call.
 */
export function acceptOffers(
  ctx: MasterContext,
  framework: Framework,
  accept: scheduler.CallAccept,
): void {
  const ids = accept.offer_ids ?? [];
  const operations = accept.operations ?? [];
  const decision = decideOffers(ids, framework, ctx.state);
  if ('problem' in decision) {
    discardOffers(ctx, framework, ids);
    const message = `Task launched with invalid offers: ${decision.problem}`;
    dropOperations(ctx, framework, { operations, reason: 'REASON_INVALID_OFFERS', message });
    return;
  }
  const [first] = decision.offers;
  const agent = first && ctx.state.agents.registered.get(first.agentId);
  if (!agent) return; // Decided otherwise above.
  if (!agent.connected) {
    discardOffers(ctx, framework, ids);
    const message = `Agent ${agent.info.hostname} disconnected`;
    dropOperations(ctx, framework, { operations, reason: 'REASON_SLAVE_DISCONNECTED', message });
    return;
  }
  const acceptance = takeOffers(ctx, { framework, agent, role: first.role }, decision.offers);
  for (const operation of operations) applyOperation(ctx, acceptance, operation);
  giveBack(ctx, acceptance, accept.filters ?? {});
}

function takeOffers(
  ctx: MasterContext,
  parties: Omit<Acceptance, 'remaining'>,
  offers: readonly OfferRecord[],
): Acceptance {
  let remaining = Resources.EMPTY;
  for (const offer of offers) {
    removeOffer(ctx, offer);
    ctx.metrics.offersEnded(parties.framework, 'accepted');
    remaining = remaining.plus(offer.resources);
  }
  return { ...parties, remaining };
}

function giveBack(ctx: MasterContext, acceptance: Acceptance, filters: Filters): void {
  const { framework, agent, remaining } = acceptance;
  if (remaining.isEmpty) return;
  ctx.allocator.recoverResources({
    frameworkId: framework.id,
    agentId: agent.id,
    resources: remaining,
    filters,
  });
}

/** Takes back those of the offers that are the framework's own: others' are not its to end. */
function discardOffers(
  ctx: MasterContext,
  framework: Framework,
  ids: readonly { readonly value: string }[],
): void {
  for (const { value } of ids) {
    const offer = ctx.state.offers.get(offerId(value));
    if (offer?.frameworkId === framework.id) recoverOffer(ctx, offer, { rescind: false });
  }
}

function applyOperation(
  ctx: MasterContext,
  acceptance: Acceptance,
  operation: OfferOperation,
): void {
  const type = operation.type ?? 'UNKNOWN';
  if (type === 'LAUNCH') {
    launchTasks(ctx, acceptance, operation.launch?.task_infos ?? []);
  } else if (type === 'LAUNCH_GROUP' && operation.launch_group) {
    launchTaskGroup(ctx, acceptance, operation.launch_group);
  } else {
    ctx.metrics.operationDropped(type);
    ctx.logger.warn('Dropped an operation that this master does not perform', {
      framework: acceptance.framework.id,
      agent: acceptance.agent.id,
      operation: type,
    });
  }
}

/** The tasks of an operation, if it launches any. */
function tasksOf(operation: OfferOperation): readonly TaskInfo[] {
  if (operation.type === 'LAUNCH') return operation.launch?.task_infos ?? [];
  if (operation.type === 'LAUNCH_GROUP') return operation.launch_group?.task_group.tasks ?? [];
  return [];
}

interface Drop {
  readonly operations: readonly OfferOperation[];
  readonly reason: TaskStatusReason;
  readonly message: string;
}

/** Nothing of the call takes place: each of its tasks is told to have been dropped. */
function dropOperations(
  ctx: MasterContext,
  framework: Framework,
  { operations, reason, message }: Drop,
): void {
  const state = stateFor('TASK_DROPPED', framework.partitionAware);
  for (const operation of operations) {
    const tasks = tasksOf(operation);
    if (tasks.length === 0) ctx.metrics.operationDropped(operation.type ?? 'UNKNOWN');
    for (const task of tasks) {
      const update = masterUpdate(
        {
          frameworkId: framework.id,
          taskId: taskId(task.task_id.value),
          agentId: agentId(task.slave_id.value),
        },
        { state, reason, message, nowMs: ctx.now() },
      );
      ctx.metrics.taskEnded(state, update, framework);
      forwardUpdate(ctx, framework, update);
    }
  }
}
