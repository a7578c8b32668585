import { once } from 'node:events';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { callUntyped, startNode, UPID, type ProcessManager } from '../../libprocess/index.ts';
import { RuntimeError } from '../../libprocess/errors.ts';
import { NodeLogger } from '../../libprocess/node/node-logger.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { EX_FAILURE, EX_OK, EX_USAGE, type Host } from './host.ts';
import { loadProcess } from './load-process.ts';

/** How long `call` and `ps` wait for an answer, unless `--timeout` says otherwise. */
const TIMEOUT_MS = 5_000;

/** Runs actors, calls them and lists them; resolves to the exit code. */
export async function main(host: Host): Promise<number> {
  const program = new Command('libprocess')
    .description('Run actors, call them from anywhere, list what a node runs.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('Run `libprocess --help` for all commands.');
  addRun(program, host);
  addCall(program, host);
  addPs(program, host);
  try {
    await program.parseAsync(host.argv, { from: 'user' });
    return EX_OK;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EX_OK : EX_USAGE;
    if (!(error instanceof RuntimeError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return EX_FAILURE;
  }
}

function addRun(program: Command, host: Host): void {
  program
    .command('run')
    .description('run the process class that a module exports, until Ctrl-C')
    .argument('<module>', 'JavaScript file, for example ./counter.js')
    .option('--name <id>', 'first part of its address; default: what the class chooses')
    .option('--class <name>', 'exported class, if the module has several')
    .option('--ip <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on, 0 for any', parsePort, 0)
    .option('--advertise_ip <address>', 'address that other hosts reach it by')
    .action(async (module: string, options: RunOptions) => {
      const { name, ip, port, advertise_ip: advertiseIp } = options;
      const process = await loadProcess(module, { name, className: options.class });
      await using node = await openNode({ ip, port, ...(advertiseIp && { advertiseIp }) });
      const pid = node.spawn(process);
      host.stdout.write(`${pid.toString()}\n`);
      const ended = node.wait(pid).then(() => undefined);
      await Promise.race([ended, host.signal.aborted ? undefined : once(host.signal, 'abort')]);
    });
}

interface RunOptions {
  readonly name?: string;
  readonly class?: string;
  readonly ip: string;
  readonly port: number;
  readonly advertise_ip?: string;
}

function addCall(program: Command, host: Host): void {
  program
    .command('call')
    .description('call a method of a process and print what it returns, as JSON')
    .argument('<process>', 'ID@IP:PORT', parseUpid)
    .argument('<method>')
    .argument('[arguments...]', 'each JSON, or else taken as text')
    .option('--timeout <milliseconds>', 'how long the answer may take', parseTimeout, TIMEOUT_MS)
    .action(async (...[to, method, args, options]: [UPID, string, string[], CallOptions]) => {
      await using node = await openNode(toReach(to.ip));
      const deadlineMs = options.timeout;
      const call = callUntyped(node, { to, method, args: args.map(parseArgument), deadlineMs });
      host.stdout.write(`${JSON.stringify((await call) ?? null)}\n`);
    });
}

interface CallOptions {
  readonly timeout: number;
}

interface ListedProcess {
  readonly id: string;
  readonly events: readonly unknown[];
}

function addPs(program: Command, host: Host): void {
  program
    .command('ps')
    .description('list the processes of a node and how much waits in their mailboxes')
    .argument('<address>', 'HOST:PORT')
    .option('--json', 'print JSON')
    .option('--timeout <milliseconds>', 'how long the answer may take', parseTimeout, TIMEOUT_MS)
    .action(async (address: string, options: { json?: boolean; timeout: number }) => {
      const text = await read(address, '/__processes__', options.timeout);
      const processes = parseProcesses(address, text);
      if (options.json) {
        host.stdout.write(`${JSON.stringify(processes)}\n`);
        return;
      }
      const width = Math.max(2, ...processes.map(({ id }) => id.length));
      const row = (id: string, events: string): string => `${id.padEnd(width)}  ${events}\n`;
      host.stdout.write(row('ID', 'EVENTS'));
      for (const { id, events } of processes) host.stdout.write(row(id, String(events.length)));
    });
}

async function read(address: string, path: string, timeoutMs: number): Promise<string> {
  const request = { method: 'GET', path, query: {}, headers: {}, body: new Uint8Array(0) };
  const { status, body } = await new NodeNetwork().request(address, request, { timeoutMs });
  if (status !== 200 || !(body instanceof Uint8Array)) {
    throw new RuntimeError('UNEXPECTED', `${address} answered ${path} with status ${status}`);
  }
  return new TextDecoder().decode(body);
}

function parseProcesses(address: string, text: string): ListedProcess[] {
  try {
    const processes: unknown = JSON.parse(text);
    if (Array.isArray(processes) && processes.every(isListed)) return processes;
  } catch {
    // Told below.
  }
  throw new RuntimeError('UNEXPECTED', `${address} is no libprocess node`);
}

function isListed(value: unknown): value is ListedProcess {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'events' in value &&
    Array.isArray(value.events)
  );
}

function openNode(options: {
  ip: string;
  port: number;
  advertiseIp?: string;
}): Promise<ProcessManager> {
  const logger = NodeLogger.open({ level: 'warn', format: 'text' });
  return startNode({ runtime: nodeRuntime({ network: new NodeNetwork(), logger }), ...options });
}

/** Answers come over the connection that the call opens, but a loopback peer wants a loopback address. */
const toReach = (ip: string): { ip: string; port: number } => ({
  ip: ip.startsWith('127.') || ip === '[::1]' ? '127.0.0.1' : '0.0.0.0',
  port: 0,
});

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

function parseTimeout(text: string): number {
  const timeoutMs = Number(text);
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError('A timeout is a positive number of milliseconds.');
}

function parseUpid(text: string): UPID {
  const upid = UPID.parse(text);
  if (upid && upid.id !== '' && upid.port > 0) return upid;
  throw new InvalidArgumentError(
    'A process is written ID@IP:PORT, for example counter@127.0.0.1:5050.',
  );
}

function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
