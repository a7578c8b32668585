/** Functions that are shown, those with most first. */
const FUNCTIONS_SHOWN_MAX = 100;

interface ProfileNode {
  readonly callFrame?: {
    readonly functionName?: string;
    readonly url?: string;
    readonly lineNumber?: number;
  };
  readonly selfSize?: number;
  readonly children?: readonly ProfileNode[];
}

/** A `.heapprofile` as a table: bytes that each function has allocated and that are still in use. */
export function heapProfileText(profile: Uint8Array): Uint8Array {
  const { head } = JSON.parse(new TextDecoder().decode(profile)) as { head?: ProfileNode };
  const sizes = new Map<string, number>();
  const nodes: ProfileNode[] = head ? [head] : [];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const { callFrame = {}, selfSize = 0, children = [] } = node;
    const { functionName = '', url = '', lineNumber = -1 } = callFrame;
    const name = `${functionName === '' ? '(anonymous)' : functionName} ${url}:${lineNumber + 1}`;
    sizes.set(name, (sizes.get(name) ?? 0) + selfSize);
    nodes.push(...children);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const rows = [...sizes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FUNCTIONS_SHOWN_MAX)
    .map(([name, size]) => `${String(size).padStart(12)} ${percent(size, total)} ${name}\n`);
  return new TextEncoder().encode(`Total: ${total} bytes\n${rows.join('')}`);
}

const percent = (part: number, whole: number): string =>
  `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(1).padStart(5)}%`;
