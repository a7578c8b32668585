import { AGENT_FLAGS } from './agent-flags.ts';
import { environmentPage } from './environment-page.ts';
import { EXECUTE_FLAGS } from './execute-flags.ts';
import type { Flag, FlagTable } from './flag-table.ts';
import { LOCAL_FLAGS } from './local-flags.ts';
import { MASTER_FLAGS } from './master-flags.ts';
import { pageTable, type PageRow } from './page-table.ts';
import { usageOf } from './parse-flags.ts';

const PAGES: readonly (readonly [command: string, table: FlagTable])[] = [
  ['mesos master', MASTER_FLAGS],
  ['mesos agent', AGENT_FLAGS],
  ['mesos local', LOCAL_FLAGS],
  ['mesos execute', EXECUTE_FLAGS],
];

/** `docs/flags.md`, which a test compares with this. */
export function flagsPage(): string {
  const sections = PAGES.map(([command, table]) => {
    const rows = Object.entries(table).map(([name, flag]) => rowOf(name, flag));
    return `## ${command}\n\n${pageTable('flag', rows)}`;
  });
  const intro = 'Names, defaults and units are those of Mesos 1.12, where it has the flag.';
  const pages = [...sections, environmentPage()].join('\n');
  return `# Flags\n\n${intro} How flags are written: [commands](commands.md).\n\n${pages}`;
}

function rowOf(name: string, flag: Flag<unknown>): PageRow {
  const value = flag.default === undefined || flag.default === '' ? '' : `\`${flag.default}\``;
  return [`\`${usageOf(name, flag)}\``, flag.required === true ? 'required' : value, flag.help];
}
