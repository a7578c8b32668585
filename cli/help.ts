import type { CommandDefinition } from './command.ts';
import { COMMANDS, type CommandEntry } from './command-tree.ts';
import { variableOf, type FlagTable } from './flags/flag-table.ts';
import { usageOf } from './flags/parse-flags.ts';

const WIDTH = 100;
const INDENT = 6;

/** Help of `mesos`, or of one of its groups such as `task`. */
export function overview(group?: string): string {
  const shown = COMMANDS.filter(({ path }) => !group || path.startsWith(`${group} `));
  const width = Math.max(...shown.map(({ path }) => path.length));
  const lines = shown.map(({ path, summary }) => `  ${path.padEnd(width)}  ${summary}`);
  return [
    `Usage: mesos ${group === undefined ? '' : `${group} `}<command> [--flag=value …]`,
    '',
    ...lines,
    '',
    '`mesos <command> --help` shows the flags of a command, `mesos --version` the version.',
    '',
  ].join('\n');
}

export function helpOf(entry: CommandEntry, definition: CommandDefinition): string {
  const positionals = definition.positionals?.map((name) => ` ${name}`).join('') ?? '';
  const lines = [`Usage: mesos ${entry.path}${positionals} [--flag=value …]`, '', entry.summary];
  lines.push('', flagHelp(definition.flags).trimEnd());
  if (definition.examples.length > 0) {
    lines.push('', 'Examples:', ...definition.examples.map((line) => `  ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

/** The flags of a table, each with what it means. */
export function flagHelp(table: FlagTable): string {
  const lines = ['Flags:'];
  for (const [name, flag] of Object.entries(table)) {
    const required = flag.required === true ? ['Required.'] : [];
    const preset = flag.default === undefined || flag.default === '' || name === 'help';
    const byDefault = preset ? [] : [`Default: ${flag.default ?? ''}.`];
    const variable = flag.environment === false ? [] : [`Also ${variableOf(name)}.`];
    const text = [...required, flag.help, ...byDefault, ...variable].join(' ');
    lines.push(`  ${usageOf(name, flag)}`, ...wrap(text));
  }
  return `${lines.join('\n')}\n`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && INDENT + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(INDENT) + each);
}
