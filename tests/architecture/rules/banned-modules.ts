import { builtinModules } from 'node:module';
import { adapterOf, isCompositionRoot, isTest, type Import, type Rule } from '../source-tree.ts';

/** Modules of Node.js that only compute. All others reach the world. */
const PURE = new Set(
  [
    'assert',
    'assert/strict',
    'async_hooks',
    'buffer',
    'events',
    'path',
    'path/posix',
    'string_decoder',
  ].concat(['url', 'util', 'util/types']),
);
const PURE_NAMES: Readonly<Record<string, readonly string[]>> = {
  crypto: ['createHash', 'createHmac', 'sign', 'timingSafeEqual', 'verify'],
  zlib: ['crc32', 'deflateRawSync', 'gzipSync', 'gunzipSync', 'inflateRawSync'],
};
const BUILTIN = new Set(builtinModules);

/** The world is reached through `Runtime`; only its adapters and composition roots import I/O. */
export const noInputOutput: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, imports }) => {
    if (isCompositionRoot(path) || isTest(path) || adapterOf(path) !== undefined) return [];
    return imports
      .filter((each) => !each.typeOnly && reachesTheWorld(each))
      .map(({ specifier, line }) => `${path}:${line}: '${specifier}' is for adapters`);
  });

function reachesTheWorld({ specifier, names }: Import): boolean {
  const isBuiltin = specifier.startsWith('node:') || BUILTIN.has(specifier);
  if (!isBuiltin) return false;
  const module = specifier.replace(/^node:/, '');
  if (PURE.has(module)) return false;
  return !names?.every((name) => PURE_NAMES[module]?.includes(name));
}
