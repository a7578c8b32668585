import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { noInputOutput } from './banned-modules.ts';

const check = (path: string, text: string): string[] => noInputOutput(parseTree({ [path]: text }));

describe('modules of Node.js', () => {
  test.each([
    'fs',
    'fs/promises',
    'net',
    'http',
    'child_process',
    'os',
    'timers',
    'worker_threads',
  ])("'%s' is imported by adapters only", (module) => {
    const offence = [`agent/a.ts:1: 'node:${module}' is for adapters`];
    expect(check('agent/a.ts', `import { a } from 'node:${module}';`)).toEqual(offence);
    expect(check('agent/a.ts', `import * as all from 'node:${module}';`)).toEqual(offence);
    expect(check('agent/a.ts', `import '${module}';`)).toHaveLength(1);
    expect(check('libprocess/node/a.ts', `import { a } from 'node:${module}';`)).toEqual([]);
    expect(check('cli/a.ts', `import { a } from 'node:${module}';`)).toEqual([]);
  });

  test('what only computes is imported by all', () => {
    const text = `
      import { posix } from 'node:path';
      import { createHash } from 'node:crypto';
      import type { Stats } from 'node:fs';
    `;
    expect(check('agent/a.ts', text)).toEqual([]);
  });

  test.each(['randomUUID', 'randomBytes', 'generateKeyPairSync'])(
    "'%s' of 'node:crypto' is for adapters, also beside a hash",
    (name) => {
      const text = `import { createHash, ${name} } from 'node:crypto';`;
      expect(check('common/ids.ts', text)).toEqual([
        `common/ids.ts:1: 'node:crypto' is for adapters`,
      ]);
    },
  );
});
