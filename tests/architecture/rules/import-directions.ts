import { isTest, topFolder, type Import, type Rule } from '../source-tree.ts';

const COMPONENT = ['common', 'proto', 'libprocess'];
const EVERY_LAYER = ['master', 'agent', 'executor', 'scheduler-driver', ...COMPONENT];

/** Which folder may import which others. Master and agent, say, meet in messages only. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  libprocess: [],
  proto: ['libprocess'],
  common: ['proto', 'libprocess'],
  master: COMPONENT,
  agent: COMPONENT,
  executor: COMPONENT,
  'scheduler-driver': COMPONENT,
  // `npm start` runs an example as its sample job; traces are checked as simulations are.
  cli: [...EVERY_LAYER, 'examples', 'simulation'],
  examples: EVERY_LAYER,
  bench: [...EVERY_LAYER, 'cli', 'examples', 'testing'],
  testing: [...EVERY_LAYER, 'cli'],
  simulation: [...EVERY_LAYER, 'cli', 'testing'],
  tests: [...EVERY_LAYER, 'cli', 'examples', 'bench', 'testing', 'simulation'],
};

/** Folders that use others' types but load nothing of them, save the one file named. */
const TYPES_ONLY: Readonly<Record<string, string>> = {
  'proto → libprocess': 'libprocess/errors.ts',
};

/** Every import is an edge drawn in the house style. Tests also use the contracts in `tests/`. */
export const importDirections: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, imports }) =>
    topFolder(path) in EDGES
      ? imports.flatMap((each) => {
          const offence = judge(path, each);
          return offence === undefined ? [] : [`${path}:${each.line}: ${offence}`];
        })
      : [`${path}:1: folder '${topFolder(path)}' is not drawn in the house style`],
  );

function judge(path: string, { target, typeOnly }: Import): string | undefined {
  if (target === undefined) return undefined;
  const [from, to] = [topFolder(path), topFolder(target)];
  if (from === to || (isTest(path) && to === 'tests')) return undefined;
  const edge = `${from} → ${to}`;
  if (!EDGES[from]?.includes(to)) return `${edge} is not an allowed import`;
  const isTypesOnly = edge in TYPES_ONLY && target !== TYPES_ONLY[edge] && !isTest(path);
  return isTypesOnly && !typeOnly ? `${edge} may import types only` : undefined;
}
