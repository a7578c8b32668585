import type { RunSpecification } from '../launcher.ts';
import { formatStatus } from '../run-files.ts';
import { SubprocessError } from '../../../../libprocess/errors.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';
import type { Program, ProgramContext } from '../../../../libprocess/sim/subprocess/program.ts';
import type { ExitStatus } from '../../../../libprocess/subprocess.ts';

/** What a shell answers for a program that does not exist. */
const NOT_FOUND = { code: 127 };
/** As in the real wrapper: the status is written in place of room that was taken before. */
const RESERVED = ' '.repeat(16);

/** The wrapper of a simulated run: the same files in the same order as the shell script's. */
export const wrapperProgram: Program = (context) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
    context.onSignal(signal, () => undefined);
  void lead(context).then(
    (code) => context.exit(code),
    () => context.exit(71),
  );
};

async function lead(context: ProgramContext): Promise<number> {
  const { argv, pid, runtime } = context;
  const [, directory = '', bootId = '', encoded = ''] = argv;
  const run = JSON.parse(encoded) as RunSpecification; // Our own launcher wrote it.
  const startTime = runtime.subprocesses.inspect(pid)?.startTime ?? 0;
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  await create(runtime, `${directory}/pid`, `${pid} ${startTime} ${bootId}\n`);
  await create(runtime, `${directory}/status`, RESERVED);
  await create(runtime, `${directory}/claim`, '');
  context.print(`S ${name} ${pid} ${startTime}\n`);
  const status = await command(runtime, run);
  const record = formatStatus(status);
  await using file = await runtime.disk.at('run-files').open(`${directory}/status`, 'write');
  await file.write(0, new TextEncoder().encode(record));
  context.print(`E ${name} ${record}`);
  return 0;
}

async function create({ disk }: Runtime, path: string, text: string): Promise<void> {
  await using file = await disk.at('run-files').open(path, 'exclusive');
  if (text !== '') await file.write(0, new TextEncoder().encode(text));
}

async function command({ subprocesses }: Runtime, run: RunSpecification): Promise<ExitStatus> {
  try {
    const subprocess = await subprocesses.spawn({
      argv: run.argv,
      environment: run.environment,
      workingDirectory: run.sandbox,
      stdio: ['ignore', { path: run.stdout, mode: 'append' }, { path: run.stderr, mode: 'append' }],
    });
    return await subprocess.exited;
  } catch (error) {
    if (error instanceof SubprocessError) return NOT_FOUND;
    throw error;
  }
}
