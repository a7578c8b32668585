import type { Disk } from '../../disk.ts';
import { DiskError } from '../../errors.ts';
import type { Request, Response } from '../http.ts';
import { percentDecoded } from '../percent.ts';
import { empty, notFound } from '../responses.ts';
import { serveFile } from './static-file.ts';

/** What a directory shows when it is asked for itself. */
const INDEX = 'index.html';

export interface Asset {
  readonly disk: Disk;
  /** A file, or a directory whose files are served. */
  readonly path: string;
  /** What follows the asset's name in the path of the request; still percent-encoded. */
  readonly below: readonly string[];
}

/**
 * Answers with a file of an asset. Nothing leads out of its directory: no dots, no hidden files, and
 * no symbolic links below it. A directory shows its `index.html`, and is never listed.
 */
export async function serveAsset(
  { disk, path, below }: Asset,
  request: Request,
): Promise<Response> {
  const wantsDirectory = below.at(-1) === '';
  const names = below
    .filter((each, index) => each !== '' || index < below.length - 1)
    .map(fileName);
  try {
    let found = path;
    let { kind } = await disk.status(path);
    for (const name of names) {
      if (name === undefined || kind !== 'directory') return notFound();
      found = `${found}/${name}`;
      ({ kind } = await disk.linkStatus(found));
    }
    if (kind === 'file') return wantsDirectory ? notFound() : await serveFile(disk, found, request);
    if (kind !== 'directory') return notFound();
    if (!wantsDirectory) return withSlash(request);
    const index = await disk.linkStatus(`${found}/${INDEX}`);
    return index.kind === 'file' ? await serveFile(disk, `${found}/${INDEX}`, request) : notFound();
  } catch (error) {
    if (error instanceof DiskError) return notFound();
    throw error;
  }
}

/** Links of a page are relative to its directory. Two slashes at the front would name another host. */
function withSlash({ path }: Request): Response {
  return path.startsWith('//') ? notFound() : empty(301, { location: `${path}/` });
}

/** Decoded once; undefined if it is no plain name of a file. */
function fileName(component: string): string | undefined {
  const name = percentDecoded(component);

  if (name === undefined || name === '' || name.length > 255 || /[/\\\u0000-\u001f]/.test(name))
    return undefined;
  return name.startsWith('.') ? undefined : name;
}
