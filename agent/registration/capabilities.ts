import type { SlaveInfoCapability } from '../../proto/index.ts';

/** What this agent can do; the master offers and launches accordingly. */
export const AGENT_CAPABILITIES: readonly SlaveInfoCapability[] = [
  { type: 'MULTI_ROLE' },
  { type: 'HIERARCHICAL_ROLE' },
  { type: 'RESERVATION_REFINEMENT' },
];
