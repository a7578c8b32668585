import { agentId } from '../../common/ids.ts';
import type { Resources } from '../../common/resources.ts';
import { ResourceOffersMessage, type Offer, type Resource, type URL } from '../../proto/index.ts';
import type { Allocation } from '../allocator/allocator.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import { compact } from '../state/compact.ts';
import type { Framework } from '../state/framework.ts';
import type { OfferRecord } from '../state/offer-record.ts';
import { recoverOffer } from './offer-lifecycle.ts';

/** Turns what the allocator gave into offers; what can no longer be offered goes back to it. */
export function makeOffers(ctx: MasterContext, allocations: readonly Allocation[]): void {
  const offers = new Map<Framework, Offer[]>();
  for (const { frameworkId, role, agentId: id, resources } of allocations) {
    const framework = ctx.state.frameworks.registered.get(frameworkId);
    const agent = ctx.state.agents.registered.get(id);
    if (!framework?.active || !agent?.active || agent.recharging) {
      ctx.allocator.recoverResources({ frameworkId, agentId: id, resources });
      continue;
    }
    const { offer } = makeOffer(ctx, { framework, agent, role, resources });
    const others = offers.get(framework);
    if (others) others.push(offer);
    else offers.set(framework, [offer]);
  }
  for (const [framework, made] of offers) sendOffers(ctx, framework, made);
}

function sendOffers(ctx: MasterContext, framework: Framework, offers: readonly Offer[]): void {
  if (!framework.pid) return;
  const { registered } = ctx.state.agents;
  const pids = offers.map(({ slave_id }) => registered.get(agentId(slave_id.value))?.pid ?? '');
  ctx.metrics.sent(framework, 'offers', offers.length);
  ctx.send(framework.pid, ResourceOffersMessage, { offers, pids: pids.map(String) });
}

interface Grant {
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  readonly resources: Resources;
}

function makeOffer(ctx: MasterContext, { framework, agent, role, resources }: Grant): OfferRecord {
  const id = ctx.state.newOfferId();
  const allocated = resources.allocate(role);
  const offer: Offer = compact({
    id: { value: id },
    framework_id: { value: framework.id },
    slave_id: { value: agent.id },
    hostname: agent.info.hostname,
    url: urlOf(agent),
    domain: agent.info.domain,
    resources: resourcesFor(framework, allocated),
    attributes: agent.info.attributes,
    executor_ids: executorIdsOf(framework, agent),
    allocation_info: framework.capabilities.has('MULTI_ROLE') ? { role } : undefined,
  });
  const record: OfferRecord = {
    id,
    frameworkId: framework.id,
    agentId: agent.id,
    role,
    resources: allocated,
    offer,
    timer: undefined,
  };
  ctx.state.offers.set(id, record);
  framework.offers.add(record);
  agent.offers.add(record);
  const { offerTimeoutMs } = ctx.flags;
  if (offerTimeoutMs !== undefined) {
    record.timer = ctx.delay(offerTimeoutMs, () => recoverOffer(ctx, record, { rescind: true }));
  }
  return record;
}

/**
 * The format that a framework understands: without MULTI_ROLE no allocation, for such clients
 * compare resources for equality; without RESERVATION_REFINEMENT the old form of reservations.
 */
function resourcesFor(framework: Framework, resources: Resources): readonly Resource[] {
  const { capabilities } = framework;
  const own = resources.filter(({ name }) => name !== 'ephemeral_ports');
  const shown = capabilities.has('MULTI_ROLE') ? own : own.unallocate();
  if (capabilities.has('RESERVATION_REFINEMENT')) return shown.toProtobuf();
  return shown.toPreRefinementProtobuf() ?? shown.toProtobuf();
}

function urlOf({ pid, info }: Agent): URL {
  return {
    scheme: 'http',
    address: { hostname: info.hostname, ip: pid.ip, port: pid.port },
    path: `/${pid.id}`,
  };
}

function executorIdsOf(framework: Framework, agent: Agent): Offer['executor_ids'] {
  const executors = agent.executors.of(framework.id);
  return executors.length === 0 ? undefined : executors.map(({ executor_id }) => executor_id);
}
