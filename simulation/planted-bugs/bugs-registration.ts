import type { PlantedBug } from './planted-bug.ts';

const RECOVERY = 'master/recovery.ts';
const REGISTRATION = 'agent/registration/registration.ts';
const RETURNED = 'master/agents/known-agent-returned.ts';
const LIFECYCLE = 'master/agents/agent-lifecycle.ts';
const SCHEDULER = 'scheduler-driver/scheduler-connection.ts';
const RECONCILIATION = 'master/tasks/reconciliation.ts';

/** Somebody does not come back, or the master does not know what came back. */
export const REGISTRATION_BUGS: readonly PlantedBug[] = [
  {
    id: 'registries-are-written-over',
    area: 'registration',
    file: 'master/registrar/storage.ts',
    find: `if (stored && epoch < stored.epoch) return 'fenced';
  return stored?.version === expected ? 'stored' : 'changed';`,
    replace: "return 'stored';",
    breaks: 'M1: what a former master wrote late is in the place of what the next one wrote',
  },
  {
    id: 'masters-wait-for-ever-for-former-agents',
    area: 'registration',
    file: RECOVERY,
    find: 'if (expected === 0) return;',
    replace: 'if (expected >= 0) return;',
    breaks: 'M6: an agent that does not come back after a failover is never unreachable',
  },
  {
    id: 'agents-try-to-register-once',
    area: 'registration',
    file: REGISTRATION,
    find: `      this.#register();
      this.#registerLater();
    });
  }

  #register(`,
    replace: `      this.#register();
    });
  }

  #register(`,
    breaks: 'M15: an agent whose registration was lost does not try again',
  },
  {
    id: 'agents-ignore-pings-that-say-disconnected',
    area: 'registration',
    file: REGISTRATION,
    find: `registering again');
    this.detected(model.master);
  }

  #watchPings`,
    replace: `registering again');
  }

  #watchPings`,
    breaks: 'M15: an agent that the master has lost sight of does not come back',
  },
  {
    id: 'agents-do-not-watch-for-pings',
    area: 'registration',
    file: REGISTRATION,
    find: `registering again');
      this.detected(model.master);
    });`,
    replace: `registering again');
    });`,
    breaks: 'M15: an agent that no ping reaches any more does not come back',
  },
  {
    id: 'agents-act-before-their-id-is-recorded',
    area: 'registration',
    file: REGISTRATION,
    find: 'if (this.#recording === undefined) thunk();',
    replace: 'if (actor) thunk();',
    breaks: 'R6: an agent runs tasks under an id that a crash makes it forget',
  },
  {
    id: 'agents-that-returned-are-still-timed-out',
    area: 'registration',
    file: RETURNED,
    find: 'agent.reregisterTimer?.[Symbol.dispose]();\n',
    replace: '',
    breaks: 'M4: an agent that came back is marked unreachable ten minutes later',
  },
  {
    id: 'recovered-agents-are-still-awaited',
    area: 'registration',
    file: LIFECYCLE,
    find: 'agents.recovered.delete(agent.id);\n',
    replace: '',
    breaks: 'M4: an agent that came to a new master is still one that has not come',
  },
  {
    id: 'lost-launches-are-not-asked-about',
    area: 'registration',
    file: RETURNED,
    find: '    ...reconciliations(ctx, agent, message),\n',
    replace: '',
    breaks: 'T1: a task whose launch was lost is never told of again',
  },
  {
    id: 'agents-deny-tasks-that-they-have',
    area: 'registration',
    file: 'agent/registration/master-reconciliation.ts',
    find: 'if (known?.knows(task_id.value) ?? strays?.has(task_id.value)) continue;',
    replace: '',
    breaks: 'T3: a task that came after all is told to be dropped',
  },
  {
    id: 'frameworks-told-by-agents-are-not-entered',
    area: 'registration',
    file: 'master/agents/agent-returned.ts',
    find: 'enterFrameworks(ctx, message.frameworks ?? []);',
    replace: '',
    breaks: 'M6: tasks of frameworks that come later than their agents are not known to the master',
  },
  {
    id: 'checkpointed-tasks-are-lost-on-disconnection',
    area: 'registration',
    file: 'master/agents/disconnect.ts',
    find: 'if (framework?.info.checkpoint) continue;',
    replace: 'if (framework?.info.checkpoint && framework.connected === false) continue;',
    breaks: 'T5: a lost connection is the end of tasks that outlive it',
  },
  {
    id: 'agents-in-transition-are-answered-for',
    area: 'registration',
    file: RECONCILIATION,
    find: 'if (agentId === undefined ? agents.anyInTransition : agents.inTransition(agentId)) {',
    replace: 'if (agentId === undefined && agents.anyInTransition) {',
    breaks: 'M12: tasks of agents that are yet to come back are said to be unknown',
  },
  {
    id: 'registered-agents-are-not-in-the-registry',
    area: 'registration',
    file: 'master/registrar/operations.ts',
    find: `if (registry.admitted.has(id)) return UNCHANGED;
    const unreachable`,
    replace: `if (!registry.admitted.has(id)) return UNCHANGED;
    const unreachable`,
    breaks: 'M4: an agent that is reachable again is unreachable to the next master',
  },
  {
    id: 'masters-forget-unreachable-agents',
    area: 'registration',
    file: 'master/registrar/operations.ts',
    find: 'registry.unreachable.set(id, { ...drainOf(slave), id: { value: id }, timestamp });',
    replace: '',
    breaks: 'M5: what frameworks heard of an agent is not in the registry',
  },
  {
    id: 'schedulers-give-up-when-a-subscription-breaks',
    area: 'registration',
    file: SCHEDULER,
    find: `    } else {
      this.#subscribeLater(master);
    }`,
    replace: `    }`,
    breaks: 'M15: a scheduler that lost its connection while it subscribed is gone for good',
  },
  {
    id: 'schedulers-subscribe-once',
    area: 'registration',
    file: SCHEDULER,
    find: `    });
    this.#subscribeLater(master);
  }`,
    replace: `    });
  }`,
    breaks: 'M15: a scheduler whose subscription was lost does not try again',
  },
  {
    id: 'schedulers-come-back-under-no-id',
    area: 'registration',
    file: SCHEDULER,
    find: 'this.frameworkInfo = { ...this.frameworkInfo, id: message.framework_id };',
    replace:
      'if (this.#failover) this.frameworkInfo = { ...this.frameworkInfo, id: message.framework_id };',
    breaks: 'M8: a scheduler that comes to a new master is another framework there',
  },
  {
    id: 'unreachable-agents-return-without-their-tasks',
    area: 'registration',
    file: 'master/agents/reported-tasks.ts',
    find: 'framework.unreachableTasks.delete(task.taskId);\n',
    replace: 'if (framework.unreachableTasks.delete(task.taskId)) continue;\n',
    breaks: 'M6: tasks that were out of sight stay so when their agent is back',
  },
  {
    id: 'observers-count-every-silence',
    area: 'registration',
    file: 'master/agents/agent-observer-process.ts',
    find: `    this.#missedPongs = 0;
    if (!this.#reported) return;`,
    replace: `    if (!this.#reported) return;`,
    breaks: 'M4: an agent that answers is marked unreachable for silences long ago',
  },
  {
    id: 'losses-are-told-before-they-are-stored',
    area: 'registration',
    file: 'master/agents/unreachable.ts',
    find: '  agents.markingUnreachable.add(id);\n',
    replace: '  agents.markingUnreachable.add(id);\n  agentLost(ctx, info);\n',
    breaks: 'M5: frameworks hear of a loss that the next master does not know of',
  },
  {
    id: 'the-registry-answers-before-it-is-stored',
    area: 'registration',
    file: 'master/registrar/registrar-process.ts',
    find: '    const version = this.runtime.random.uuid();\n',
    replace: '    const version = this.runtime.random.uuid();\n    answer();\n',
    breaks: 'G1: what was acknowledged is lost with its master',
  },
  {
    id: 'leaders-do-not-count-epochs',
    area: 'registration',
    file: 'master/registrar/registrar-process.ts',
    find: 'this.#epoch = Math.max(entry?.epoch ?? 0, stored.epoch ?? 0) + 1;',
    replace: 'this.#epoch = Math.max(entry?.epoch ?? 0, stored.epoch ?? 0, 1);',
    breaks: 'M1: two leaders write in one epoch, and neither can be told from the other',
  },
  {
    id: 'frameworks-that-are-over-are-welcome',
    area: 'registration',
    file: 'master/frameworks/subscription-decision.ts',
    find: "  if (completed) return { kind: 'refuse', message: FRAMEWORK_REMOVED };\n",
    replace: '',
    breaks: 'M10: a framework that was torn down comes back',
  },
  {
    id: 'frameworks-are-ended-in-half-their-time',
    area: 'registration',
    file: 'master/frameworks/framework-lifecycle.ts',
    find: 'ctx.delay(Math.min(timeoutMs, FAILOVER_TIMER_MS_MAX), () => {',
    replace: 'ctx.delay(Math.min(timeoutMs / 2, FAILOVER_TIMER_MS_MAX), () => {',
    breaks: 'M9: tasks do not live for as long as their scheduler may stay away',
  },
  {
    id: 'frameworks-that-stay-away-are-never-ended',
    area: 'registration',
    file: 'master/frameworks/framework-lifecycle.ts',
    find: '{ framework: framework.id });\n    removeFramework(ctx, framework);\n  });',
    replace: '{ framework: framework.id });\n  });',
    breaks: 'M9: what a framework runs goes on though its scheduler does not come back',
  },
  {
    id: 'registries-forget-the-newest-first',
    area: 'registration',
    file: 'master/agents/registry-gc.ts',
    find: 'Number(a.nanoseconds - b.nanoseconds)',
    replace: 'Number(b.nanoseconds - a.nanoseconds)',
    breaks: 'G5: of too many unreachable agents those are forgotten that may be back at once',
  },
  {
    id: 'registries-forget-one-too-many',
    area: 'registration',
    file: 'master/agents/registry-gc.ts',
    find: 'index < tooMany',
    replace: 'index <= tooMany',
    breaks: 'G5: an unreachable agent is forgotten though there is room for it',
  },
  {
    id: 'launches-that-nothing-came-of-are-not-answered',
    area: 'registration',
    file: RECONCILIATION,
    find: '  const answer = unknownTaskAnswer(agentId, agents);',
    replace: `  if (agentId !== undefined && agents.registered.has(agentId)) return undefined;
  const answer = unknownTaskAnswer(agentId, agents);`,
    breaks: 'T1: whoever asks about a launch that was lost on its way is not answered',
  },
];
