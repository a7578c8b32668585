import { parseDuration } from '../../libprocess/duration.ts';
import { ResourceQuantities } from '../../common/resource-quantities.ts';
import { refusal, success } from '../../common/result.ts';
import type { RateLimit } from '../../master/index.ts';
import { DAEMON_FLAGS, HELP_FLAGS } from './daemon-flags.ts';
import { flagTable } from './flag-table.ts';
import {
  DURATION,
  durationBetween,
  oneOf,
  PATH,
  PERCENTAGE,
  PORT,
  SWITCH,
  wholeNumber,
  type FlagType,
} from './flag-type.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;

const RATE_LIMIT: FlagType<RateLimit> = {
  placeholder: 'N/DURATION',
  parse: (text) => {
    const [permits = '', per = ''] = text.split('/');
    const perMs = parseDuration(per);
    if (!/^[1-9]\d*$/.test(permits) || !perMs.ok) {
      return refusal(`Expecting a rate such as '1/20mins', not '${text}'`);
    }
    return success({ permits: Number(permits), perMs: perMs.value });
  },
};

/** `cpus:0.01|mem:32`: alternatives, each with quantities separated by semicolons. */
const ALTERNATIVE_QUANTITIES: FlagType<readonly ResourceQuantities[]> = {
  placeholder: 'QUANTITIES[|QUANTITIES…]',
  parse: (text) => {
    const alternatives: ResourceQuantities[] = [];
    for (const part of text === '' ? [] : text.split('|')) {
      const parsed = ResourceQuantities.parse(part);
      if (!parsed.ok) return parsed;
      alternatives.push(parsed.value);
    }
    return success(alternatives);
  },
};

export const MASTER_FLAGS = flagTable({
  ...DAEMON_FLAGS,
  port: { type: PORT, default: '5050', help: 'Port to listen on; 0 is any free one.' },
  work_dir: {
    type: PATH,
    help: 'Where the registry of agents is kept. Required unless --registry=in_memory.',
  },
  registry: {
    type: oneOf('replicated_log', 'in_memory'),
    default: 'replicated_log',
    help:
      'Where the agents of the cluster are remembered: in a log in --work_dir, or nowhere, so that ' +
      'a new master starts anew.',
  },
  agent_ping_timeout: {
    type: durationBetween(SECOND_MS, 15 * MINUTE_MS),
    default: '15secs',
    help: 'How long an agent may take to answer a ping.',
  },
  max_agent_ping_timeouts: {
    type: wholeNumber(1),
    default: '5',
    help: 'Unanswered pings in a row that make an agent unreachable.',
  },
  agent_reregister_timeout: {
    type: durationBetween(10 * MINUTE_MS, 52 * WEEK_MS),
    default: '10mins',
    help: 'How long agents may take to come back to a new master, or after a lost connection.',
  },
  agent_removal_rate_limit: {
    type: RATE_LIMIT,
    help: 'How many agents may become unreachable per time, such as 1/20mins. Default: no limit.',
  },
  recovery_agent_removal_limit: {
    type: PERCENTAGE,
    default: '100%',
    help: 'Ends a new master if more of the known agents than this have not come back.',
  },
  registry_store_timeout: {
    type: DURATION,
    default: '20secs',
    help: 'How long a write of the registry may take before the master ends.',
  },
  registry_fetch_timeout: {
    type: DURATION,
    default: '1mins',
    help: 'How long reading the registry may take before the master ends.',
  },
  registry_gc_interval: {
    type: DURATION,
    default: '15mins',
    help: 'How often agents that are unreachable or gone are forgotten.',
  },
  registry_max_agent_age: {
    type: DURATION,
    default: '2weeks',
    help: 'How long unreachable and gone agents are remembered.',
  },
  registry_max_agent_count: {
    type: wholeNumber(0),
    default: '102400',
    help: 'How many unreachable and gone agents are remembered.',
  },
  allocation_interval: {
    type: DURATION,
    default: '1secs',
    help: 'How often all resources are allocated; what changed is allocated at once.',
  },
  min_allocatable_resources: {
    type: ALTERNATIVE_QUANTITIES,
    default: 'cpus:0.01|mem:32',
    help: 'What contains none of these alternatives is not offered.',
  },
  offer_timeout: {
    type: DURATION,
    help: 'Offers that are not answered for so long are rescinded. Default: never.',
  },
  max_completed_frameworks: {
    type: wholeNumber(0),
    default: '50',
    help: 'How many ended frameworks are kept for /state.',
  },
  max_completed_tasks_per_framework: {
    type: wholeNumber(0),
    default: '1000',
    help: 'How many ended tasks of a framework are kept for /state.',
  },
  max_unreachable_tasks_per_framework: {
    type: wholeNumber(0),
    default: '1000',
    help: 'How many unreachable tasks of a framework are kept for /state.',
  },
  publish_per_framework_metrics: {
    type: SWITCH,
    default: 'true',
    help: 'Whether `/metrics/snapshot` has metrics for each framework.',
  },
  root_submissions: {
    type: SWITCH,
    default: 'true',
    help: 'Whether frameworks may run tasks as root.',
  },
  ...HELP_FLAGS,
});
