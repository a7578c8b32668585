import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from '../../libprocess/errors.ts';
import { Process } from '../../libprocess/index.ts';

/** A module could not be loaded, or holds no process that can be run. */
export class LoadError extends RuntimeError {}

/** Makes a process of the class that the module at `file` exports. */
export async function loadProcess(
  file: string,
  options: { readonly name?: string | undefined; readonly className?: string | undefined },
): Promise<Process> {
  const exported = await load(file);
  const classes = Object.entries(exported).filter(
    (entry): entry is [string, new (name?: string) => Process] => isProcessClass(entry[1]),
  );
  const chosen = classes.filter(([name]) => name === (options.className ?? name));
  const [only] = chosen;
  if (!only || chosen.length > 1) {
    const names = classes.map(([name]) => name).join(', ');
    const found = names === '' ? 'no subclass of Process' : names;
    throw new LoadError('NO_PROCESS', `'${file}' exports ${found}; name one with --class`);
  }
  const [, ProcessClass] = only;
  try {
    return options.name === undefined ? new ProcessClass() : new ProcessClass(options.name);
  } catch (cause) {
    throw new LoadError('NOT_MADE', `Failed to make a '${only[0]}': ${messageOf(cause)}`, cause);
  }
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new LoadError('NOT_LOADED', `Failed to load '${file}': ${messageOf(cause)}`, cause);
  }
}

const isProcessClass = (value: unknown): boolean =>
  typeof value === 'function' && value.prototype instanceof Process;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
