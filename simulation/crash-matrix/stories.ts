import { agentStory } from './agent/agent-story.ts';
import { changedAgentStory, forgetfulAgentStory } from './agent/new-agent-stories.ts';
import { checkpointStory } from './checkpoints/checkpoint-story.ts';
import { registryStory } from './registry/registry-story.ts';
import { registryRotStory } from './damage/registry-rot-story.ts';
import { KINDS, rotStory } from './damage/rot-story.ts';
import { twoAgentsStory } from './damage/two-agents-story.ts';
import type { Stage } from './stage.ts';

/** Plays a story to its end through all crashes. Throws where something does not hold. */
export type Story = (stage: Stage) => Promise<void>;

export const STORIES: Readonly<Record<string, Story>> = {
  checkpoints: checkpointStory,
  registry: registryStory,
  agent: agentStory,
  'changed-agent': changedAgentStory,
  'forgetful-agent': forgetfulAgentStory,
  // These damage what is on the disk, and crash nowhere else.
  'rot-registry': registryRotStory,
  ...Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [`rot-${name}`, rotStory(kind)] as const),
  ),
  'two-agents': twoAgentsStory,
};
