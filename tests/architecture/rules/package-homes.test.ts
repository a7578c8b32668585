import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { packagesHaveHomes } from './package-homes.ts';

const check = (path: string, specifier: string): string[] =>
  packagesHaveHomes(parseTree({ [path]: `import { a } from '${specifier}';` }));

describe('packages', () => {
  test.each([
    ['libprocess/process.ts', 'ws', 'ws'],
    ['master/http/state.ts', 'protobufjs/minimal.js', 'protobufjs'],
    ['libprocess/sim/network.ts', 'msgpackr', 'msgpackr'],
    ['common/a.ts', 'lodash', 'lodash'],
    ['common/a.ts', '@scope/name/file.js', '@scope/name'],
    ['common/a.ts', 'fast-check', 'fast-check'],
    ['tests/scenario/a.ts', 'lodash', 'lodash'],
  ])('%s may not import %s', (path, specifier, name) => {
    expect(check(path, specifier)).toEqual([`${path}:1: package '${name}' has no home here`]);
  });

  test.each([
    ['libprocess/node/socket.ts', 'ws'],
    ['proto/codec.ts', 'protobufjs/minimal.js'],
    ['master/registrar/redis/redis-storage.ts', 'ioredis'],
    ['tests/interop/peer.ts', 'ws'],
    ['common/a.test.ts', '@jest/globals'],
    ['tests/conformance/disk.ts', 'fast-check'],
    ['libprocess/a.ts', 'node:fs'],
  ])('%s may import %s', (path, specifier) => {
    expect(check(path, specifier)).toEqual([]);
  });
});
