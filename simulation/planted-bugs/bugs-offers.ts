import type { PlantedBug } from './planted-bug.ts';

const ACCEPT = 'master/offers/accept.ts';
const LIFECYCLE = 'master/agents/agent-lifecycle.ts';
const RUN = 'master/allocator/allocation-run.ts';

/** Resources are given away twice, or never again. */
export const OFFER_BUGS: readonly PlantedBug[] = [
  {
    id: 'ended-tasks-free-their-resources-twice',
    area: 'offers',
    file: 'master/tasks/task-lifecycle.ts',
    find: 'if (!released) return;',
    replace: 'if (!released && task.holdsResources) return;',
    breaks: 'T8: each update of a task that has ended frees its resources once more',
  },
  {
    id: 'accepted-offers-stay-outstanding',
    area: 'offers',
    file: ACCEPT,
    find: '    removeOffer(ctx, offer);\n',
    replace: '',
    breaks: 'O2: what an accepted offer holds is taken back while it is in use',
  },
  {
    id: 'the-rest-of-an-offer-is-not-given-back',
    area: 'offers',
    file: ACCEPT,
    find: 'giveBack(ctx, acceptance, accept.filters ?? {});',
    replace: '',
    breaks: 'O5: what an accepted offer did not use is lost to all',
  },
  {
    id: 'launched-tasks-are-not-charged',
    area: 'offers',
    file: 'master/offers/launch.ts',
    find: 'acceptance.remaining = acceptance.remaining.minus(used);',
    replace: 'acceptance.remaining.minus(used);',
    breaks: 'A4: what a task uses is offered again',
  },
  {
    id: 'filters-never-expire',
    area: 'offers',
    file: 'master/allocator/offer-filters.ts',
    find: 'nowMs <= filter.expiresMs || batch === filter.batch;',
    replace: 'nowMs >= 0 || batch === filter.batch;',
    breaks: 'A14: what was declined once is never offered again',
  },
  {
    id: 'filters-hold-for-one-batch-only',
    area: 'offers',
    file: 'master/allocator/offer-filters.ts',
    find: 'nowMs <= filter.expiresMs || batch === filter.batch;',
    replace: 'nowMs <= filter.expiresMs && batch === filter.batch;',
    breaks: 'A8: what was declined is offered again before the time is over',
  },
  {
    id: 'untaken-agents-are-not-looked-at-again',
    area: 'offers',
    file: RUN,
    find: `untaken.available === available &&
    time.nowMs <= untaken.untilMs`,
    replace: `untaken.available === available && time.nowMs >= 0`,
    breaks: 'A14: an agent whose filters have expired is offered to nobody',
  },
  {
    id: 'offers-that-cannot-be-made-are-lost',
    area: 'offers',
    file: 'master/offers/make-offers.ts',
    find: `      ctx.allocator.recoverResources({ frameworkId, agentId: id, resources });
      continue;`,
    replace: `      continue;`,
    breaks: 'A1: resources that were on their way to a framework that has gone are lost to all',
  },
  {
    id: 'returning-agents-look-empty',
    area: 'offers',
    file: LIFECYCLE,
    find: 'used: usedByFramework(agent),',
    replace: '',
    breaks: 'A2: after a failover of the master what is in use is offered',
  },
  {
    id: 'ended-tasks-of-returning-agents-are-charged',
    area: 'offers',
    file: LIFECYCLE,
    find: 'if (task.holdsResources) take(task.frameworkId, task.allocated);',
    replace: 'take(task.frameworkId, task.allocated);',
    breaks: 'A1: tasks that had ended hold resources for ever under a new master',
  },
  {
    id: 'freed-resources-hide-what-was-free-before',
    area: 'offers',
    file: 'master/allocator/agent-state.ts',
    find: 'const only = this.#exact && this.#available?.isEmpty === true;',
    replace: 'const only = this.#exact && this.#available !== undefined;',
    breaks: 'A1: what is free on an agent is what was freed last',
  },
  {
    id: 'agents-that-return-are-not-offered',
    area: 'offers',
    file: 'master/agents/known-agent-returned.ts',
    find: 'ctx.allocator.activateAgent(agent.id);',
    replace: '',
    breaks: 'M15: an agent that was disconnected is never offered again',
  },
  {
    id: 'batches-stop-when-nothing-is-offered',
    area: 'offers',
    file: 'master/allocator/allocator-process.ts',
    find: `      this.#triggerAll();
      // Behind`,
    replace: `      if (this.#queued) return;
      this.#triggerAll();
      // Behind`,
    breaks: 'A14: a batch that meets a queued run is the last one',
  },
  {
    id: 'offers-of-failed-over-schedulers-stay',
    area: 'offers',
    file: 'master/frameworks/framework-lifecycle.ts',
    find: 'for (const offer of [...framework.offers]) recoverOffer(ctx, offer, { rescind });',
    replace:
      'for (const offer of [...framework.offers]) if (rescind) recoverOffer(ctx, offer, { rescind });',
    breaks: 'O1: offers of a scheduler that has gone are never ended',
  },
  {
    id: 'the-greatest-share-is-served-first',
    area: 'offers',
    file: 'master/allocator/sorter-node.ts',
    find: 'if (left.share !== right.share) return left.share - right.share;',
    replace: 'if (left.share !== right.share) return right.share - left.share;',
    breaks: 'A10: whoever has most is offered more',
  },
  {
    id: 'shares-are-not-looked-at',
    area: 'offers',
    file: 'master/allocator/sorter-node.ts',
    find: 'if (left.share !== right.share) return left.share - right.share;\n',
    replace: '',
    breaks: 'A10: turns go by the number of allocations, however great each is',
  },
  {
    id: 'suppressed-roles-are-offered',
    area: 'offers',
    file: 'master/allocator/framework-state.ts',
    find: 'this.active && this.roles.has(role) && !this.suppressed.has(role)',
    replace: 'this.active && this.roles.has(role)',
    breaks: 'A9: a framework that wants no offers gets some',
  },
  {
    id: 'refusals-outlive-a-revival',
    area: 'offers',
    file: 'master/allocator/hierarchical-allocator.ts',
    find: '      framework.suppressed.delete(role);\n      framework.dropFilters(role);\n',
    replace: '      framework.suppressed.delete(role);\n',
    breaks: 'A14: a framework that asks for offers again waits for what it once refused',
  },
  {
    id: 'launches-on-void-offers-are-not-answered',
    area: 'offers',
    file: ACCEPT,
    find: '      forwardUpdate(ctx, framework, update);\n',
    replace: '',
    breaks: 'O3: a framework waits for ever for what it launched on an offer that was over',
  },
];
