import { posix } from 'node:path';

const LINK = /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g;

/** Links of a Markdown file that lead to no file or folder among `paths`. */
export function deadLinks(path: string, text: string, paths: ReadonlySet<string>): string[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target, paths))
      .map((target) => `${path}:${index + 1}: '${target}' leads nowhere`),
  );
}

function leadsSomewhere(path: string, target: string, paths: ReadonlySet<string>): boolean {
  const file = posix.join(posix.dirname(path), target).replace(/\/$/, '');
  if (paths.has(file)) return true;
  for (const each of paths) if (each.startsWith(`${file}/`)) return true;
  return false;
}
