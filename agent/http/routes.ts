import { Double, printJson, type Json } from '../../common/json/print-json.ts';
import { VERSION } from '../../common/version.ts';
import { empty, json, serviceUnavailable, type Response } from '../../libprocess/index.ts';
import type { RouteHandler } from '../../libprocess/event.ts';
import type { AgentContext } from '../agent-context.ts';
import { stateJson } from './state-json.ts';

/** What the agent serves below `/slave(1)`, and bare, as it is its node's delegate. */
export function agentRoutes(context: AgentContext): ReadonlyMap<string, RouteHandler> {
  const state = (): Response =>
    context.model.state === 'recovering' ? serviceUnavailable() : answer(stateJson(context));
  return new Map<string, RouteHandler>([
    ['/health', () => empty(200)],
    ['/version', () => answer({ version: VERSION, build_time: new Double(0) })],
    ['/flags', () => answer({ flags: context.flags.shown })],
    ['/state', state],
    ['/state.json', state],
  ]);
}

const answer = (body: Json): Response => json(200, printJson(body));
