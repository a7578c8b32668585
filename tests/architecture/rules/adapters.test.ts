import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { adaptersAreComposed, facesAreForUsers } from './adapters.ts';

const IMPORT = `import { connect } from '../libprocess/node/network.ts';`;

describe('adapters', () => {
  test.each(['master/a.ts', 'libprocess/process.ts', 'agent/redis/a.ts'])(
    'are not loaded by %s',
    (path) => {
      const specifier = path.startsWith('libprocess') ? './node/a.ts' : '../libprocess/sim/a.ts';
      const tree = parseTree({
        [path]: `import { a } from '${specifier}';`.replace('../', up(path)),
      });
      expect(adaptersAreComposed(tree)).toEqual([
        expect.stringMatching(`^${path}:1: adapter .* is not imported here$`),
      ]);
    },
  );

  test.each(['cli/a.ts', 'tests/a.ts', 'master/a.test.ts', 'libprocess/index.ts'])(
    'are loaded by %s',
    (path) => {
      expect(adaptersAreComposed(parseTree({ [path]: IMPORT }))).toEqual([]);
    },
  );

  test('use files of their own folder and lend their types to all', () => {
    const tree = parseTree({
      'libprocess/node/network.ts': `import { a } from './socket.ts';`,
      'libprocess/process.ts': `import type { A } from './node/a.ts';`,
    });
    expect(adaptersAreComposed(tree)).toEqual([]);
  });
});

describe('the public face of a component', () => {
  const face = { 'libprocess/index.ts': `export { connect } from './node/network.ts';` };

  test('is not imported by other components, for it loads the adapters', () => {
    const text = `import type { A } from '../libprocess/process.ts';\nimport { b } from '../libprocess/index.ts';`;
    expect(facesAreForUsers(parseTree({ ...face, 'master/a.ts': text }))).toEqual([
      `master/a.ts:2: import the file itself, not '../libprocess/index.ts'`,
    ]);
  });

  test('is imported by composition roots, and by all if it loads no adapter', () => {
    const cli = { 'cli/a.ts': `import { b } from '../libprocess/index.ts';` };
    expect(facesAreForUsers(parseTree({ ...face, ...cli }))).toEqual([]);
    const proto = {
      'proto/index.ts': `export { a } from './generated/a.ts';`,
      'master/a.ts': `import { a } from '../proto/index.ts';`,
    };
    expect(facesAreForUsers(parseTree(proto))).toEqual([]);
  });
});

/** The way to the root from the folder of `path`. */
const up = (path: string): string => '../'.repeat(path.split('/').length - 1);
