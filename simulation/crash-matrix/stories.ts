import { agentStory } from './agent/agent-story.ts';
import { checkpointStory } from './checkpoints/checkpoint-story.ts';
import { registryStory } from './registry/registry-story.ts';
import type { Stage } from './stage.ts';

/** Plays a story to its end through all crashes. Throws where something does not hold. */
export type Story = (stage: Stage) => Promise<void>;

export const STORIES: Readonly<Record<string, Story>> = {
  checkpoints: checkpointStory,
  registry: registryStory,
  agent: agentStory,
};
