import { agentId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ShutdownMessage,
  SlaveRegisteredMessage,
  type MasterSlaveConnection,
  type RegisterSlaveMessage,
} from '../../proto/index.ts';
import { totalPingTimeoutMs } from '../flags.ts';
import type { MasterContext } from '../master-context.ts';
import { admitSlave } from '../registrar/operations.ts';
import { Agent, type AgentDescription } from '../state/agent.ts';
import { isSameVersion } from '../state/underway.ts';
import { addAgent } from './agent-lifecycle.ts';
import { registrationProblem } from './agent-validation.ts';
import { removeFromRegistry } from './remove.ts';

const MS_PER_SECOND = 1_000;

/** A new agent. It gets an id, which the registry holds before anybody hears of it. */
export function registerAgent(ctx: MasterContext, from: UPID, message: RegisterSlaveMessage): void {
  const { state, metrics } = ctx;
  metrics.increment('master/messages_register_slave');
  const problem = registrationProblem(message);
  if (problem !== undefined) {
    ctx.logger.warn('Ignored the registration of an agent', { from: from.toString(), problem });
    return;
  }
  const pid = from.toString();
  if (state.agents.registering.has(pid)) {
    state.agents.registering.note(pid, { from, message }); // It is being admitted.
    return;
  }
  const registered = state.agents.byPid(from);
  const sameRun = isSameVersion(registered?.resourceVersion, message.resource_version_uuid);
  if (registered?.connected && sameRun) {
    ctx.link(registered.pid); // The connection of the first time may be lost, and its end not told yet.
    sendRegistered(ctx, registered);
    return;
  }
  if (registered) {
    removeFromRegistry(ctx, registered, {
      message: 'a new agent registered at the same address',
      reason: 'registered',
    });
  }
  admit(ctx, from, message);
}

function admit(ctx: MasterContext, from: UPID, message: RegisterSlaveMessage): void {
  const { agents } = ctx.state;
  const id = ctx.state.newAgentId();
  const info = { ...message.slave, id: { value: id } };
  agents.registering.begin(from.toString(), { from, message });
  ctx.apply(admitSlave(info), (outcome) => {
    const later = agents.registering.end(from.toString());
    if (outcome.kind !== 'changed') {
      ctx.logger.error('Refused an agent: the registry holds its new id already', { agent: id });
      ctx.send(from, ShutdownMessage, { message: 'Agent attempted to register with a known id' });
      return;
    }
    const agent = new Agent(agentId(id), describe(from, { ...message, slave: info }), ctx.now());
    addAgent(ctx, agent);
    ctx.metrics.increment('master/slave_registrations');
    ctx.logger.info('Agent registered', {
      agent: id,
      hostname: info.hostname,
      pid: agent.pid.toString(),
    });
    if (later) registerAgent(ctx, later.from, later.message);
    else sendRegistered(ctx, agent);
  });
}

/** What an agent tells of itself in both kinds of registration. */
export const describe = (
  pid: UPID,
  message: Pick<
    RegisterSlaveMessage,
    'slave' | 'version' | 'agent_capabilities' | 'resource_version_uuid' | 'checkpointed_resources'
  >,
): AgentDescription => ({
  pid,
  info: message.slave,
  version: message.version ?? '',
  capabilities: message.agent_capabilities ?? [],
  resourceVersion: message.resource_version_uuid,
  checkpointedResources: message.checkpointed_resources ?? [],
});

function sendRegistered(ctx: MasterContext, agent: Agent): void {
  ctx.send(agent.pid, SlaveRegisteredMessage, {
    slave_id: { value: agent.id },
    connection: connection(ctx),
  });
}

/** Tells the agent when to think that we have lost it. */
export const connection = (ctx: MasterContext): MasterSlaveConnection => ({
  total_ping_timeout_seconds: totalPingTimeoutMs(ctx.flags) / MS_PER_SECOND,
});
