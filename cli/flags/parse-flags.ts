import { readFileSync } from 'node:fs';
import { codeOf, reasonOf } from '../../libprocess/node/system-errors.ts';
import { UsageError } from '../errors.ts';
import { variableOf, type Flag, type FlagTable, type FlagValues } from './flag-table.ts';
import { MESOS_FLAGS } from './mesos-flags.ts';
import { suggest } from './suggest.ts';

const SECRET = '(secret)';

export interface ParsedFlags<T extends FlagTable> {
  readonly values: FlagValues<T>;
  /** What is in force, as text, for `/flags`. Secrets are redacted. */
  readonly shown: Readonly<Record<string, string>>;
  readonly positionals: readonly string[];
}

export interface FlagSource {
  /** Without program and command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads flags as Mesos's `FlagsBase` does: `--name=value`, `--no-name`, `MESOS_NAME`, `file:///…` for the
 * value that a file holds; the command line wins. More than Mesos allows: `--work-dir` for
 * `--work_dir`, and `--name value`. Throws `UsageError`.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  { argv, env }: FlagSource,
): ParsedFlags<T> {
  const { texts, positionals } = readArguments(table, argv);
  const values: Record<string, unknown> = {};
  const shown: Record<string, string> = {};
  for (const [name, flag] of Object.entries(table)) {
    const variable = variablesOf(name, flag).find((each) => env[each] !== undefined);
    const preset = variable === undefined ? flag.default : env[variable];
    const text = texts.get(name) ?? preset;
    if (text === undefined) {
      if (flag.required === true) throw new UsageError(missing(name));
      continue;
    }
    const origin = texts.has(name) || variable === undefined ? `--${name}` : variable;
    values[name] = readValue(flag, text, origin);
    shown[name] = flag.secret === true ? SECRET : text;
  }
  return { values: values as FlagValues<T>, shown, positionals };
}

/** Those that set a flag; the first one that is there counts. */
const variablesOf = (name: string, { environment, fallback }: Flag<unknown>): readonly string[] => [
  ...(environment === false ? [] : [variableOf(name)]),
  ...(fallback === undefined ? [] : [fallback]),
];

const missing = (name: string): string =>
  `Flag '${name}' is required: give --${name}=… or set ${variableOf(name)}`;

function readArguments(
  table: FlagTable,
  argv: readonly string[],
): { texts: Map<string, string>; positionals: string[] } {
  const texts = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      positionals.push(...argv.slice(index + 1));
      break;
    }
    if (!argument.startsWith('--')) {
      positionals.push(argument);
      continue;
    }
    const { name, flag, text } = readArgument(table, argument);
    const value = text ?? flag.bare ?? argv[(index += 1)];
    if (value === undefined || (text === undefined && value.startsWith('--'))) {
      throw new UsageError(`Flag '${name}' needs a value: --${name}=${flag.type.placeholder}`);
    }
    const former = texts.get(name);
    if (former !== undefined && flag.repeatable !== true) {
      throw new UsageError(`Flag '${name}' is given twice: as '${former}' and as '${value}'`);
    }
    texts.set(name, former === undefined ? value : `${former},${value}`);
  }
  return { texts, positionals };
}

interface Argument {
  readonly name: string;
  readonly flag: Flag<unknown>;
  /** Undefined: it is the next argument. */
  readonly text: string | undefined;
}

function readArgument(table: FlagTable, argument: string): Argument {
  const [, written = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
  const name = written.replaceAll('-', '_');
  const flag = Object.hasOwn(table, name) ? table[name] : undefined;
  if (flag) {
    return { name, flag, text: value ?? (flag.type.isSwitch === true ? 'true' : flag.bare) };
  }
  const positive = name.startsWith('no_') ? name.slice('no_'.length) : '';
  const negated = Object.hasOwn(table, positive) ? table[positive] : undefined;
  if (!negated) throw new UsageError(unknown(table, written));
  if (negated.type.isSwitch !== true) {
    throw new UsageError(`Flag '${positive}' is no switch: '--${written}' has no meaning`);
  }
  if (value !== undefined) throw new UsageError(`'--${written}' takes no value`);
  return { name: positive, flag: negated, text: 'false' };
}

function unknown(table: FlagTable, written: string): string {
  const name = written.replaceAll('-', '_');
  const negated = name.startsWith('no_');
  const bare = negated ? name.slice('no_'.length) : name;
  if (MESOS_FLAGS.has(bare)) {
    return `Flag '--${written}' of Mesos 1.12 is not supported here: leave it out`;
  }
  const meant = suggest(bare, Object.keys(table));
  if (meant === undefined) return `Unknown flag '--${written}'`;
  return `Unknown flag '--${written}': did you mean '--${negated ? 'no-' : ''}${meant}'?`;
}

function readValue(flag: Flag<unknown>, text: string, origin: string): unknown {
  const parsed = flag.type.parse(textOf(flag, text, origin));
  if (parsed.ok) return parsed.value;
  throw new UsageError(`Failed to read ${origin}: ${parsed.error}`);
}

/** `file:///path` stands for what the file holds, so that secrets need not be on the command line. */
function textOf({ type }: Flag<unknown>, text: string, origin: string): string {
  const isPath = type.takesPath === true && text.startsWith('/');
  if (!isPath && !text.startsWith('file://')) return text;
  const path = isPath ? text : text.slice('file://'.length);
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`Failed to read ${origin} from '${path}': ${reasonOf(codeOf(error))}`);
  }
}

/** For help: `--work_dir=PATH`, `--[no-]strict`, `--recover[=reconnect|cleanup]`. */
export function usageOf(name: string, flag: Flag<unknown>): string {
  if (flag.type.isSwitch === true) return `--[no-]${name}`;
  const value = `=${flag.type.placeholder}`;
  return `--${name}${flag.bare === undefined ? value : `[${value}]`}`;
}
