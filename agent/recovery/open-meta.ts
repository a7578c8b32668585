import { RuntimeError, type Runtime } from '../../libprocess/index.ts';
import type { SlaveInfo } from '../../proto/index.ts';
import type { AgentFlags } from '../flags.ts';
import { DiskJournal } from '../journal/disk-journal.ts';
import { NullJournal } from '../journal/null-journal.ts';
import { recoverJournal } from '../journal/recover-journal.ts';
import { incompatibility } from '../resources/slave-info.ts';
import type { AgentState } from '../state/agent-state.ts';
import { forgetAgent, type Meta } from '../state/checkpoint.ts';
import { AGENTS_PATH, BOOT_ID_PATH, LATEST, metaDirectory } from '../state/paths.ts';
import { recoverState } from '../state/recover.ts';

/** The work directory was written by an agent that this one cannot stand in for. */
export class IncompatibleAgentError extends RuntimeError {}

export interface OpenedMeta {
  readonly meta: Meta;
  /** What a former agent left; its `agent` only if this one takes it over. */
  readonly state: AgentState | undefined;
  /** Ids under which this work directory was used before: only their files are left. */
  readonly formerAgents: readonly string[];
}

export interface OpenMetaOptions {
  readonly runtime: Runtime;
  readonly flags: AgentFlags;
  readonly info: SlaveInfo;
  readonly onFatal: (error: unknown) => void;
}

/**
 * Opens the meta directory: redoes what the journal holds, reads what the former agent left, and
 * decides whether this agent may go on as that one. After a reboot with another configuration it
 * starts anew; without a reboot tasks may still run, so it refuses.
 *
 * Errors: `IncompatibleAgentError`, `JournalDamagedError`, `DamagedCheckpointError` (if strict),
 * `DiskError`.
 */
export async function openMeta(options: OpenMetaOptions): Promise<OpenedMeta> {
  const { runtime, flags, onFatal } = options;
  const directory = metaDirectory(flags.workDirectory);
  if (!flags.checkpoint) return openWithoutCheckpoints(options, directory);
  const { strict } = flags;
  const { disk, host } = runtime;
  const { bootId } = host;
  const replayed = await recoverJournal({ disk, bootId, metaDirectory: directory, strict });
  const state = await recoverState({ disk, metaDirectory: directory, strict });
  const errors = [...replayed.damages, ...state.errors];
  for (const error of errors) runtime.logger.child('agent').warn('Skipped a damage', { error });
  const journal = new DiskJournal({
    runtime,
    metaDirectory: directory,
    recovered: replayed,
    onFatal,
  });
  const meta: Meta = { journal, directory };
  const usable = takenOver(options, state, directory);
  if (!usable) forgetAgent(meta);
  const current = usable?.agent?.key.agentId;
  return {
    meta,
    state: { ...state, agent: usable?.agent, errors },
    formerAgents: await agentsOnDisk(options, current),
  };
}

/** Nothing is kept but the boot id; what an agent with checkpoints left here is not looked at. */
async function openWithoutCheckpoints(
  options: OpenMetaOptions,
  directory: string,
): Promise<OpenedMeta> {
  const { host } = options.runtime;
  const disk = options.runtime.disk.at('boot-id');
  await disk.makeDirectory(directory);
  await disk.writeFile(`${directory}/${BOOT_ID_PATH}`, new TextEncoder().encode(host.bootId));
  return {
    meta: { journal: new NullJournal(), directory },
    state: undefined,
    formerAgents: await agentsOnDisk(options, undefined),
  };
}

/** The state, unless there is none or it is another agent's. */
function takenOver(
  { runtime, flags, info }: OpenMetaOptions,
  state: AgentState,
  directory: string,
): AgentState | undefined {
  const { agent } = state;
  if (!agent?.info) return undefined;
  const why = incompatibility(agent.info, info);
  if (why === undefined) return state;
  const rebooted = state.bootId !== undefined && state.bootId !== runtime.host.bootId;
  if (rebooted) {
    runtime.logger.child('agent').warn('Starting as a new agent', { why });
    return undefined;
  }
  throw new IncompatibleAgentError(
    'INCOMPATIBLE',
    `The work directory '${flags.workDirectory}' belongs to agent ` +
      `'${agent.key.agentId}', which this configuration does not fit: ${why}. ` +
      `Start with the former flags, or end its tasks with --recover=cleanup and those flags, ` +
      `or make this a new agent: rm '${directory}/${AGENTS_PATH}/${LATEST}'`,
  );
}

async function agentsOnDisk(
  { runtime, flags }: OpenMetaOptions,
  current: string | undefined,
): Promise<readonly string[]> {
  const { workDirectory } = flags;
  const names = new Set<string>();
  for (const root of [workDirectory, metaDirectory(workDirectory)]) {
    try {
      const entries = await runtime.disk.readDirectory(`${root}/${AGENTS_PATH}`);
      for (const { name, kind } of entries) if (kind === 'directory') names.add(name);
    } catch {
      // No sandbox, or no checkpoint, was ever made here.
    }
  }
  return [...names].filter((name) => name !== current);
}
