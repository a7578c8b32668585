import { VERSION } from '../common/version.ts';
import { COMMANDS, findCommand, type CommandEntry } from './command-tree.ts';
import { UsageError } from './errors.ts';
import { EX_OK, type ExitCode } from './exit-codes.ts';
import { parseFlags } from './flags/parse-flags.ts';
import { suggest } from './flags/suggest.ts';
import { helpOf, overview } from './help.ts';
import type { Host } from './host.ts';
import { report } from './report.ts';

/** Runs one command to its end; resolves to its exit code. Writes what went wrong to `stderr`. */
export async function main(host: Host): Promise<ExitCode> {
  try {
    return await runCommand(host);
  } catch (error) {
    const found = findCommand(host.argv);
    return report(host, error, found ? `mesos ${found.entry.path} --help` : 'mesos --help');
  }
}

async function runCommand(host: Host): Promise<ExitCode> {
  const [first = '--help'] = host.argv;
  if (first === '--version' || first === 'version') {
    host.stdout.write(`mesos ${VERSION}\n`);
    return EX_OK;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    const [, ...words] = host.argv;
    const found = findCommand(words);
    return found ? showHelp(host, found.entry) : showOverview(host, words[0]);
  }
  const found = findCommand(host.argv);
  if (!found) return unknownCommand(host);
  const { entry, rest } = found;
  if (rest.some((argument) => /^(--help|-h|--help=true)$/.test(argument))) {
    return showHelp(host, entry);
  }
  if (rest.includes('--version')) {
    host.stdout.write(`mesos ${VERSION}\n`);
    return EX_OK;
  }
  const definition = await entry.load();
  const parsed = parseFlags(definition.flags, { argv: rest, env: host.env });
  checkPositionals(definition.positionals ?? [], parsed.positionals);
  const { values: flags, shown, positionals } = parsed;
  return definition.run({ host, flags, shown, positionals });
}

async function showHelp(host: Host, entry: CommandEntry): Promise<ExitCode> {
  host.stdout.write(helpOf(entry, await entry.load()));
  return EX_OK;
}

function showOverview(host: Host, group: string | undefined): ExitCode {
  const known = group !== undefined && COMMANDS.some(({ path }) => path.startsWith(`${group} `));
  host.stdout.write(overview(known ? group : undefined));
  return EX_OK;
}

function unknownCommand(host: Host): ExitCode {
  const words = host.argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  const [group = ''] = words;
  const inGroup = COMMANDS.filter(({ path }) => path.startsWith(`${group} `));
  if (inGroup.length > 0 && words.length === 1) {
    const [example] = inGroup;
    throw new UsageError(
      `'mesos ${group}' needs one more word, such as 'mesos ${example?.path ?? ''}'`,
    );
  }
  const paths = COMMANDS.map(({ path }) => path);
  const meant = suggest(words.join(' '), paths) ?? suggest(group, paths);
  const hint = meant === undefined ? 'see `mesos --help`' : `did you mean 'mesos ${meant}'?`;
  throw new UsageError(`Unknown command 'mesos ${words.join(' ')}': ${hint}`);
}

/** The last name may end in `…`: one argument or more. */
function checkPositionals(names: readonly string[], given: readonly string[]): void {
  const missing = names[given.length];
  if (missing !== undefined) throw new UsageError(`The ${missing.replace('…', '')} is missing`);
  const extra = given[names.length];
  if (extra !== undefined && names.at(-1)?.endsWith('…') !== true) {
    throw new UsageError(`Unexpected argument '${extra}': flags are given as --name=value`);
  }
}
