import { poison } from '../../libprocess/sim/poison.ts';
import { formatCase, parseCase } from './crash.ts';
import type { Site } from './site.ts';
import { Stage } from './stage.ts';
import { STORIES } from './stories.ts';

/** What came of a case: plain data, which crosses processes. */
export interface CaseOutcome {
  readonly id: string;
  /** What did not hold. */
  readonly violation?: string;
  /** Where it could crash after its last crash. */
  readonly sites: readonly Site[];
  /** The trace of all that happened, if asked for. */
  readonly trace?: readonly string[];
}

/** Runs one case in a world of its own. Throws with a text for people if there is none of that id. */
export async function runCase(
  id: string,
  options: { readonly trace?: boolean } = {},
): Promise<CaseOutcome> {
  const crashCase = parseCase(id);
  const story = STORIES[crashCase.story];
  if (!story) {
    throw new Error(
      `There is no story '${crashCase.story}', but ${Object.keys(STORIES).join(', ')}`,
    );
  }
  const stage = new Stage(crashCase.crashes, options);
  const violation = await violationOf(() => story(stage));
  const { lines } = stage.sim.trace;
  return {
    id: formatCase(crashCase),
    sites: stage.sites.at(-1) ?? [],
    ...(violation !== undefined && { violation }),
    ...(options.trace && { trace: lines }),
  };
}

async function violationOf(play: () => Promise<void>): Promise<string | undefined> {
  const poisoned = poison();
  try {
    await play();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    poisoned[Symbol.dispose]();
  }
}
