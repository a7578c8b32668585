import type { FileSystem } from '../../../libprocess/sim/file-system/file-system.ts';

/** The files below `root` as text, by path; journal and left-over temporary files are no part of it. */
export function treeOf(fileSystem: FileSystem, root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const read = (path: string): void => {
    for (const { name, kind } of fileSystem.readDirectory(path)) {
      const each = `${path}/${name}`;
      const relative = each.slice(root.length + 1);
      if (/^journal(\/|$)|\.tmp$/.test(relative)) continue;
      if (kind === 'symlink') found.set(relative, `link to ${fileSystem.readLink(each)}`);
      else if (kind === 'directory') found.set(relative, 'directory');
      else found.set(relative, Buffer.from(fileSystem.readFile(each)).toString('hex'));
      if (kind === 'directory') read(each);
    }
  };
  read(root);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function describeTree(tree: ReadonlyMap<string, string>): string {
  return [...tree].map(([path, contents]) => `${path}: ${contents}`).join('\n');
}
