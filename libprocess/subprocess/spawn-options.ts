import { GATED_STDIO_MAX, type SpawnOptions } from '../subprocess.ts';

/** Standard input, output and error may be pipes. */
const PIPE_DESCRIPTOR_MAX = 2;

/** As programs without types may give it. */
type Untyped = Omit<SpawnOptions, 'environment'> & {
  readonly environment?: Readonly<Record<string, unknown>>;
};

/** What cannot be said to any operating system; undefined if there is nothing of it. */
export function malformedSpawn(options: Untyped): string | undefined {
  const { argv, environment, workingDirectory = '' } = options;
  if (!environment) return "there is no 'environment': nothing is inherited, pass what it needs";
  const words: readonly unknown[] = [...argv, workingDirectory];
  if (words.some((word) => typeof word !== 'string')) return 'a word is no text';
  if (!argv[0]) return 'the program has no name';
  if ([...argv, workingDirectory].some((word) => word.includes('\0'))) return 'a word holds a NUL';
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || name.includes('=')) return `'${name}' cannot name a variable`;
    if (typeof value !== 'string') return `variable '${name}' is no text: leave it out`;
    if (name.includes('\0') || value.includes('\0')) return `variable '${name}' holds a NUL`;
  }
  for (const [descriptor, target] of (options.stdio ?? []).entries()) {
    if (target === 'pipe' && descriptor > PIPE_DESCRIPTOR_MAX)
      return `descriptor ${descriptor} cannot be a pipe: 0, 1 and 2 can`;
    if (typeof target === 'object' && 'descriptor' in target && !isDescriptor(target.descriptor))
      return `descriptor ${descriptor} would be ${String(target.descriptor)}, which is none`;
  }
  const gated = (options.parentHooks ?? []).length > 0 || options.supervised === true;
  if (gated && (options.stdio ?? []).length > GATED_STDIO_MAX) {
    return `more than ${GATED_STDIO_MAX} descriptors with hooks or supervision`;
  }
  if (gated && argv[0].includes('='))
    return 'a program with hooks or supervision has a = in its name';
  return undefined;
}

const isDescriptor = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
