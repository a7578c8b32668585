import { posix } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

const FILE = posix.resolve('tests/types/renamed.ts');
const TEXT = `
  import { defer, dispatch, Process, ref, type PID } from '../../libprocess/index.ts';
  class Counter extends Process { add(by: number): number { return by; } }
  export function use(pid: PID<Counter>): void {
    ref(pid).add(1); ref(pid).tell.add(2); ref(pid).with({}).add(3); ref(pid).after('1s').add(4);
    dispatch(pid, 'add', 5); defer(pid, 'add', 6);
  }`;

/** What an editor has open: one file that is on no disk. */
function editor(text: string): ts.LanguageService {
  const config = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, process.cwd());
  const read = (path: string): string | undefined => (path === FILE ? text : ts.sys.readFile(path));
  return ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const content = read(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => process.cwd(),
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === FILE || ts.sys.fileExists(path),
    readFile: read,
  });
}

test('a method that is renamed is renamed where it is called; a forgotten name does not compile', () => {
  const service = editor(TEXT);
  const found = service.findRenameLocations(FILE, TEXT.indexOf('add(by'), false, false, {}) ?? [];
  const starts = found.map(({ textSpan }) => textSpan.start).sort((a, b) => b - a);
  const renamed = starts.reduce(
    (text, at) => `${text.slice(0, at)}increase${text.slice(at + 'add'.length)}`,
    TEXT,
  );
  for (const call of ['.increase(1)', '.increase(2)', '.increase(3)', '.increase(4)'])
    expect(renamed).toContain(call);
  const errors = editor(renamed).getSemanticDiagnostics(FILE);
  const lineOf = (at = 0): string => renamed.slice(0, at).split('\n').at(-1)?.trim() ?? '';
  expect(errors.map(({ start }) => lineOf(start))).toEqual([
    'dispatch(pid,',
    "dispatch(pid, 'add', 5); defer(pid,",
  ]);
});
