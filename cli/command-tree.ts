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
    path: 'local',
    summary: 'Runs a master and agents on this machine, until Ctrl-C',
    load: async () => (await import('./commands/local.ts')).LOCAL,
  },
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
  {
    path: 'execute',
    summary: 'Runs a command as a task and prints what becomes of it',
    load: async () => (await import('./commands/execute.ts')).EXECUTE,
  },
  {
    path: 'task list',
    summary: 'Lists tasks',
    load: async () => (await import('./commands/task-list.ts')).TASK_LIST,
  },
  {
    path: 'task kill',
    summary: 'Kills a task',
    load: async () => (await import('./commands/task-kill.ts')).TASK_KILL,
  },
  {
    path: 'agent list',
    summary: 'Lists agents',
    load: async () => (await import('./commands/agent-list.ts')).AGENT_LIST,
  },
  {
    path: 'framework list',
    summary: 'Lists frameworks',
    load: async () => (await import('./commands/framework-list.ts')).FRAMEWORK_LIST,
  },
  {
    path: 'framework teardown',
    summary: 'Ends a framework with all its tasks',
    load: async () => (await import('./commands/framework-teardown.ts')).FRAMEWORK_TEARDOWN,
  },
  {
    path: 'trace check',
    summary: 'Checks what real nodes have said and heard, as simulations are checked',
    load: async () => (await import('./commands/trace-check.ts')).TRACE_CHECK,
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
