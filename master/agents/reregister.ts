import { agentId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { ShutdownMessage, type ReregisterSlaveMessage } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import {
  markSlaveReachable,
  updateSlave,
  type RegistryOperation,
} from '../registrar/operations.ts';
import { decideReregistration } from './reregistration-decision.ts';
import { reregistrationProblem } from './agent-validation.ts';
import { agentReturned, type Return } from './agent-returned.ts';
import { knownAgentReturned } from './known-agent-returned.ts';

/**
 * An agent that has an id comes to us: again, or from another master, or after a partition. What
 * it needs in the registry is written first; until then its retries are ignored, and another run of it
 * waits.
 */
export function reregisterAgent(
  ctx: MasterContext,
  from: UPID,
  message: ReregisterSlaveMessage,
): void {
  ctx.metrics.increment('master/messages_reregister_slave');
  const problem = reregistrationProblem(message);
  if (problem !== undefined || !message.slave.id) {
    ctx.logger.warn('Ignored the reregistration of an agent', { from: from.toString(), problem });
    return;
  }
  const id = agentId(message.slave.id.value);
  const decision = decideReregistration({ from, id, info: message.slave }, ctx.state.agents);
  switch (decision.kind) {
    case 'ignore':
      ctx.state.agents.reregistering.note(id, { from, message });
      ctx.logger.debug('Ignored a reregistration', { agent: id, because: decision.because });
      return;
    case 'shutDown':
      ctx.logger.warn('Told an agent to shut down', { agent: id, because: decision.message });
      ctx.send(from, ShutdownMessage, { message: decision.message });
      return;
    case 'known':
      return known(ctx, { from, id, message }, decision.changed);
    case 'recovered':
      return recovered(ctx, { from, id, message }, decision.changed);
    case 'unreachable':
      return unreachable(ctx, { from, id, message });
  }
}

function known(ctx: MasterContext, back: Return, changed: boolean): void {
  if (!changed) {
    knownAgentReturned(ctx, back);
    return;
  }
  inRegistry(ctx, back, updateSlave(back.message.slave), () => {
    // It may have been lost meanwhile; then it tries again.
    if (ctx.state.agents.registered.has(back.id)) knownAgentReturned(ctx, back);
  });
}

function recovered(ctx: MasterContext, back: Return, changed: boolean): void {
  const enter = (): void => agentReturned(ctx, back, { announce: false });
  if (!changed) enter();
  else inRegistry(ctx, back, updateSlave(back.message.slave), enter);
}

function unreachable(ctx: MasterContext, back: Return): void {
  inRegistry(ctx, back, markSlaveReachable(back.message.slave), () => {
    agentReturned(ctx, back, { announce: true });
  });
}

// Four things: who, what, and what then.
// eslint-disable-next-line max-params
function inRegistry(
  ctx: MasterContext,
  { from, id, message }: Return,
  operation: RegistryOperation,
  then: () => void,
): void {
  const { reregistering } = ctx.state.agents;
  reregistering.begin(id, { from, message });
  ctx.apply(operation, () => {
    const later = reregistering.end(id);
    then();
    if (later) reregisterAgent(ctx, later.from, later.message);
  });
}
