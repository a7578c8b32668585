import { adapterOf, isCompositionRoot, isTest, type Rule } from '../source-tree.ts';

/** A driver that `run`s without a node makes a real one: the one adapter that is loaded late. */
const OWN_NODE = 'libprocess/node/own-node.ts';

/**
 * Adapters are loaded by composition roots, by tests, and by the public face of their component
 * (`index.ts`), never by the code that is to run on either of them.
 */
export const adaptersAreComposed: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, imports }) => {
    if (isCompositionRoot(path) || isTest(path) || path.endsWith('/index.ts')) return [];
    const own = adapterOf(path);
    return imports
      .filter(({ target, typeOnly }) => {
        const adapter = target === undefined ? undefined : adapterOf(target);
        return adapter !== undefined && adapter !== own && !typeOnly && target !== OWN_NODE;
      })
      .map(({ line, specifier }) => `${path}:${line}: adapter '${specifier}' is not imported here`);
  });

/** The public face brings the adapters along: who wants one type would load sockets. */
export const facesAreForUsers: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, imports }) => {
    if (isCompositionRoot(path) || isTest(path)) return [];
    return imports
      .filter(({ target }) => target?.endsWith('/index.ts') && adapterFaces(tree).has(target))
      .map(({ line, specifier }) => `${path}:${line}: import the file itself, not '${specifier}'`);
  });

function adapterFaces(tree: Parameters<Rule>[0]): Set<string> {
  const faces = [...tree.values()].filter(
    ({ path, imports }) =>
      path.endsWith('/index.ts') &&
      adapterOf(path) === undefined &&
      imports.some(({ target, typeOnly }) => !typeOnly && target && adapterOf(target)),
  );
  return new Set(faces.map(({ path }) => path));
}
