/** An agent to embed: `startAgent` on a node. */
export { AGENT_FLAG_DEFAULTS, type AgentFlags } from './flags.ts';
export { startAgent, type Agent, type StartAgentOptions } from './start-agent.ts';
export type { MasterDetector } from '../common/detector.ts';
export { openNodeLauncher } from './containerizer/launcher/node/node-launcher.ts';
