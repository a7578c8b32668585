import type { CommandDefinition } from './command.ts';

export interface CommandEntry {
  /** Words behind `mesos`. */
  readonly path: string;
  readonly summary: string;
  readonly load: () => Promise<CommandDefinition>;
}

/** All commands. Each is loaded when it is used, so that none waits for the others' code. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    path: 'master',
    summary: 'Runs a master',
    load: async () => (await import('./commands/master.ts')).MASTER,
  },
  {
    path: 'agent',
    summary: 'Runs an agent',
    load: async () => (await import('./commands/agent.ts')).AGENT,
  },
];

export interface Found {
  readonly entry: CommandEntry;
  /** What follows the command. */
  readonly rest: readonly string[];
}

/** The command that `argv` begins with: the longest, so that `agent list` is not `agent`. */
export function findCommand(argv: readonly string[]): Found | undefined {
  for (const words of [2, 1]) {
    const path = argv.slice(0, words).join(' ');
    const entry = COMMANDS.find((candidate) => candidate.path === path);
    if (entry) return { entry, rest: argv.slice(words) };
  }
  return undefined;
}
