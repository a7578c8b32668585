import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../../cli/command-tree.ts';
import { parseFlags } from '../../cli/flags/parse-flags.ts';
import { LocalMesos, RunningCommand } from '../support/mesos-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Within the clone, so that programs there find the package by its name. */
const PROGRAMS = join(ROOT, '.cache/docs');
const PAGES = [
  'README.md',
  'docs/first-framework.md',
  'docs/testing-frameworks.md',
  'docs/testing-actors.md',
  'docs/commands.md',
  'examples/README.md',
  'docs/libprocess.md',
];
/** Run until they are stopped, so that here only their flags are checked. */
const DAEMONS = new Set(['local', 'master', 'agent']);

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = PAGES.flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({ page, language, text }),
  ),
);
const programs = BLOCKS.filter(({ language }) => language === 'js').map(
  ({ page, text }, index) => ({
    name: /^\/\/ (\S+\.js)$/m.exec(text)?.[1] ?? `${page.replaceAll('/', '-')}-${index}.js`,
    text,
  }),
);
const lines = BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ page, text }) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => ({ page, line })),
);

let cluster: LocalMesos;
const started: RunningCommand[] = [];
beforeAll(async () => {
  mkdirSync(PROGRAMS, { recursive: true });
  cluster = await LocalMesos.start('--agents=1');
  addresses.set('127.0.0.1:5050', cluster.master);
});
afterAll(async () => {
  rmSync(PROGRAMS, { recursive: true });
  for (const command of started) command.signal('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
  await cluster[Symbol.asyncDispose]();
});

/** What each program prints, ids aside. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  'README.md-0.js': /^TASK_STARTING\nTASK_RUNNING\nTASK_FINISHED\n$/,
  'offers.js': /^Registered as \S+\nlocalhost offers [\d.]+ cpus and [\d.]+ MB\n$/,
  'squares.js': /^(square-\d: TASK_(STARTING|RUNNING|FINISHED)\n){15}$/,
  'survivor.js':
    /^TASK_STARTING\nTASK_RUNNING\nBack under the same id\nTASK_RUNNING\nTASK_FINISHED\n$/,
  // A module for those that follow, which report as `node:test` does.
  'squares-scheduler.js': /^$/,
  'squares.test.js': /^. pass 1\n. fail 0$/m,
  'failures.test.js': /^. pass 5\n. fail 0$/m,
  'programs.test.js': /^. pass 2\n. fail 0$/m,
  'heartbeat.js': /^$/,
  'heartbeat.test.js': /^. pass 8\n. fail 0$/m,
  'counter.js': /^$/,
  'first.js': /^counter lives at 127\.0\.0\.1:\d+\n5\n$/,
  'calls.js': /^1\n3\n8\n$/,
  'kitchen.js': /^\[ 'hot soup', 'hot stew' \]\nno roast, then\ncold ham\ntrue\n$/,
  'poller.js': /^polled 3 times, all is well\n$/,
  'links.js': /^(worker\(\d\) is gone\n){3}$/,
  'supervisor.js': /^up at start 3\n$/,
  'remote.js': /^2\ndivision by zero\nBAD_ARGUMENTS\n(UNREACHABLE|NO_SUCH_PROCESS)\n$/,
  'http.js': /^200 Hello Ada\n200 one two three\n401 .*\n200 Only for ada\n$/,
  'metrics.js': /^1 1 true\nshop_served 1\n$/,
  'subprocess.js': /^hello from a child\n\{ code: 3 \}\n$/,
  'reminder.test.js': /^. pass 2\n. fail 0$/m,
  'secure.js': /^a secret\nno plain HTTP\n$/,
};

describe('the code in the documentation', () => {
  test.each(programs)('$name runs, and does what the page says', async ({ name, text }) => {
    writeFileSync(join(PROGRAMS, name), text);
    const { stdout, stderr, code } = await new RunningCommand(`../.cache/docs/${name}`, [
      cluster.master,
    ]).ended;
    expect(stderr).toBe('');
    expect(stdout).toMatch(PRINTED[name] ?? /no program of that name is expected/);
    expect(code).toBe(0);
  });

  test('is all there is in the table of what is printed', () => {
    expect(programs.map(({ name }) => name)).toEqual(Object.keys(PRINTED));
  });

  test.each(lines)('$page: $line', async ({ line }) => {
    if (line === 'npm start') return; // `local-cluster.test.ts` runs it.
    const [program = '', ...args] = [...line.matchAll(/(?:[^\s']|'[^']*')+/g)]
      .slice(line.startsWith('npx ') ? 1 : 0)
      .map(([word]) => word.replaceAll("'", '').replace(/127\.0\.0\.1:\d+/, reached));
    const run = HOW_TO_RUN[program];
    if (!run) throw new Error(`No page says what '${program}' is`);
    await run(args);
  });
});

/** Where the cluster, and what was started since, listens, by the address that the page gives it. */
const addresses = new Map<string, string>();
const reached = (address: string): string => addresses.get(address) ?? address;

const HOW_TO_RUN: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  async node([file = '', ...args]) {
    const given = args.length > 0 ? args : [cluster.master];
    const { ended } = new RunningCommand(file.replace(/^dist\//, ''), given);
    expect(await ended).toMatchObject({ code: 0 });
  },
  async libprocess(args) {
    const port = args.find((arg) => arg.startsWith('--port='))?.slice('--port='.length);
    const command = new RunningCommand(
      'cli/libprocess.js',
      args.map((arg) => (arg.startsWith('--port=') ? '--port=0' : arg)),
    );
    if (args[0] !== 'run') {
      expect(await command.ended).toMatchObject({ code: 0 });
      return;
    }
    started.push(command);
    addresses.set(`127.0.0.1:${String(port)}`, await command.captured(/@(\S+)/));
  },
  async mesos(args) {
    const found = findCommand(args);
    expect(found?.entry.path).toBeDefined();
    if (!found) return;
    if (DAEMONS.has(found.entry.path)) {
      const { flags } = await found.entry.load();
      parseFlags(flags, { argv: found.rest, env: {} });
      return;
    }
    expect(await cluster.run(...args)).toMatchObject({ code: 0 });
  },
};
