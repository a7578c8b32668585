import { concurrently } from '../../common/concurrently.ts';
import type { Disk } from '../../libprocess/index.ts';
import {
  executorsPath,
  frameworksPath,
  runsPath,
  type AgentKey,
  type FrameworkKey,
  type RunKey,
} from '../state/paths.ts';

/** Directories that are listed at the same time. */
const READS_MAX = 16;

/** What stands in the work directory of an agent, whether its checkpoints tell of it or not. */
export interface Sandboxes {
  readonly frameworks: readonly FrameworkKey[];
  readonly runs: readonly RunKey[];
}

/**
 * Finds the sandboxes of an agent. A crash may take the checkpoints of what has ended before the
 * sandbox is removed, and frameworks that do not checkpoint never had any.
 */
export async function findSandboxes(
  disk: Disk,
  workDirectory: string,
  agent: AgentKey,
): Promise<Sandboxes> {
  const namesIn = async (path: string): Promise<readonly string[]> => {
    try {
      const entries = await disk.readDirectory(`${workDirectory}/${path}`);
      return entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name);
    } catch {
      return []; // Removed meanwhile, or never made.
    }
  };
  const names = await namesIn(frameworksPath(agent));
  const frameworks = names.map((frameworkId) => ({ ...agent, frameworkId }));
  const runs: RunKey[] = [];
  for (const framework of frameworks) {
    const executors = (await namesIn(executorsPath(framework))).map((executorId) => ({
      ...framework,
      executorId,
    }));
    await concurrently(executors, READS_MAX, async (executor) => {
      for (const containerId of await namesIn(runsPath(executor)))
        runs.push({ ...executor, containerId });
    });
  }
  return { frameworks, runs };
}
