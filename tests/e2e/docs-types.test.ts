import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = 'docs/architecture';
/** As deep in the clone as the folder that a page imports from. */
const PROGRAMS = join(ROOT, '.cache/docs-types');

interface Surroundings {
  readonly before: string;
  readonly after?: string;
}

const LIBPROCESS = `import * as libprocess from '../../libprocess/index.ts';
const { call, cast, dispatch, protocol, remote, startNode } = libprocess;
const { Nursery, Process, RemoteChild, RemoteProcess, Supervisor } = libprocess;
type Server<P> = libprocess.Server<P>;
declare const node: libprocess.ProcessManager;
declare const here: libprocess.ProcessManager;
declare const there: libprocess.ProcessManager;
class Index extends Process { constructor(text = '') { super(text); } }
class Log extends Process { constructor() { super('log'); } }
declare function note(pid: libprocess.UPID): void;
`;

/** What a page takes for granted around each of its pieces of code, in their order. */
const SURROUNDINGS: Readonly<Record<string, Surroundings>> = {
  'actors.md 1': { before: LIBPROCESS },
  'actors.md 2': { before: LIBPROCESS },
  'durability.md 1': {
    before: `import { Process } from '../../libprocess/index.ts';
import type { Journal, JournalOp } from '../../agent/journal/index.ts';
declare const journal: Journal;
declare const op: JournalOp;
export class Around extends Process {
  #launch(task: string): string { return task; }
  #noteRefused(task: string): string { return task; }
  launch(task: string): void {
`,
    after: '}}',
  },
  'libprocess.md 1': {
    before: `import { startNode } from '../../libprocess/index.ts';
import { nodeRuntime } from '../../libprocess/node/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { Counter } from '../../examples/counter.ts';
`,
  },
  'libprocess.md 2': {
    before: `${LIBPROCESS}import { z } from 'zod';\ndeclare const signal: AbortSignal;\n`,
  },
  'simulation.md 1': {
    before: `import { startNode } from '../../libprocess/index.ts';
import { Simulation, WAN } from '../../libprocess/sim/index.ts';
declare const registered: boolean;
`,
  },
  'wire.md 1': { before: `declare const filters: { readonly refuse_seconds?: number };\n` },
};

const pages = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.md'));
const blocks = pages.flatMap((page) => {
  const text = readFileSync(join(ROOT, FOLDER, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ([, language = '', code = ''], index) => ({
      name: `${page} ${index + 1}`,
      language,
      code,
    }),
  );
});

afterAll(() => {
  rmSync(PROGRAMS, { recursive: true, force: true });
});

test('the code of the pages on architecture is TypeScript, of which each piece is known here', () => {
  expect(blocks.map(({ language }) => language)).toEqual(blocks.map(() => 'ts'));
  expect(blocks.map(({ name }) => name)).toEqual(Object.keys(SURROUNDINGS));
});

test('it compiles where the page says it stands', () => {
  mkdirSync(PROGRAMS, { recursive: true });
  for (const { name, code } of blocks) {
    const { before = '', after = '' } = SURROUNDINGS[name] ?? {};
    // A page is as deep as the folder that its reader is in.
    const body = code.replaceAll(`from '../`, `from '../../`);
    writeFileSync(
      join(PROGRAMS, `${name.replace(' ', '-')}.ts`),
      `${before}${body}${after}\nexport {};\n`,
    );
  }
  const compilerOptions = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    tsBuildInfoFile: '../docs-types.tsbuildinfo',
  };
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions,
    include: ['*.ts'],
    exclude: [],
  };
  writeFileSync(join(PROGRAMS, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', PROGRAMS], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  expect([stdout, status]).toEqual(['', 0]);
});
