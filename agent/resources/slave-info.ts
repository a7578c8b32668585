import { parseAttributes, equalAttributes } from '../../common/attributes.ts';
import { Resources } from '../../common/resources.ts';
import type { SlaveInfo } from '../../proto/index.ts';
import { RuntimeError } from '../../libprocess/index.ts';
import type { AgentFlags } from '../flags.ts';
import { agentResources, type HostFacts } from './agent-resources.ts';

/** A flag that does not mean anything; the message says what was meant. */
export class AgentFlagError extends RuntimeError {}

/** What the agent is to the cluster. Errors: `AgentFlagError`. */
export function slaveInfo(flags: AgentFlags, port: number, facts: HostFacts): SlaveInfo {
  const given = Resources.parse(flags.resources);
  if (!given.ok) throw new AgentFlagError('RESOURCES', `--resources: ${given.error}`);
  const attributes = parseAttributes(flags.attributes);
  if (!attributes.ok) throw new AgentFlagError('ATTRIBUTES', `--attributes: ${attributes.error}`);
  return {
    hostname: flags.hostname,
    port,
    resources: agentResources(given.value, facts).toProtobuf(),
    ...(attributes.value.length > 0 && { attributes: attributes.value }),
    checkpoint: true,
  };
}

/**
 * Why a work directory written under `former` cannot be used with `now`; undefined if it can
 * (`--reconfiguration_policy=equal`). The port may differ, unlike in Mesos: it is where the agent
 * listens, not what it is.
 */
export function incompatibility(former: SlaveInfo, now: SlaveInfo): string | undefined {
  if (former.hostname !== now.hostname) {
    return `the hostname was '${former.hostname}' and is '${now.hostname}'`;
  }
  const before = Resources.fromProtobuf(former.resources);
  const after = Resources.fromProtobuf(now.resources);
  if (!before.equals(after)) {
    return `the resources were '${before.toString()}' and are '${after.toString()}'`;
  }
  if (!equalAttributes(former.attributes ?? [], now.attributes ?? [])) {
    return 'the attributes have changed';
  }
  return undefined;
}
