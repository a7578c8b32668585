import { GATED_STDIO_MAX, type SpawnOptions } from '../subprocess.ts';

/** As programs without types may give it. */
type Untyped = Omit<SpawnOptions, 'environment'> & Partial<Pick<SpawnOptions, 'environment'>>;

/** What cannot be said to any operating system; undefined if there is nothing of it. */
export function malformedSpawn(options: Untyped): string | undefined {
  const { argv, environment, workingDirectory = '' } = options;
  if (!environment) return "there is no 'environment': nothing is inherited, pass what it needs";
  if (argv[0] === '') return 'the program has no name';
  if ([...argv, workingDirectory].some((word) => word.includes('\0'))) return 'a word holds a NUL';
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || name.includes('=')) return `'${name}' cannot name a variable`;
    if (name.includes('\0') || value.includes('\0')) return `variable '${name}' holds a NUL`;
  }
  const gated = (options.parentHooks ?? []).length > 0 || options.supervised === true;
  if (gated && (options.stdio ?? []).length > GATED_STDIO_MAX) {
    return `more than ${GATED_STDIO_MAX} descriptors with hooks or supervision`;
  }
  if (gated && argv[0].includes('='))
    return 'a program with hooks or supervision has a = in its name';
  return undefined;
}
