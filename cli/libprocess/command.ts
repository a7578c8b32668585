import { once } from 'node:events';
import { Command, CommanderError } from 'commander';
import {
  callUntyped,
  FuturePromise,
  Process,
  startNode,
  within,
  type ExitReason,
  type Future,
  type ProcessManager,
  type StartNodeOptions,
  type UPID,
} from '../../libprocess/index.ts';
import { RuntimeError } from '../../libprocess/errors.ts';
import { canonicalIp, isLoopback } from '../../libprocess/ip.ts';
import { localAddressTowards } from '../../libprocess/node/local-address.ts';
import { NodeLogger } from '../../libprocess/node/node-logger.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import type { Environment } from '../../libprocess/options/option-reader.ts';
import { readHttpLimits } from '../../libprocess/options/http-limits.ts';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import {
  parseAddress,
  parseArgument,
  parseCount,
  parseIp,
  parseMeasure,
  parseName,
  parsePort,
  parseTimeout,
  parseUpid,
} from './arguments.ts';
import {
  EX_FAILURE,
  EX_INTERRUPTED,
  EX_OK,
  EX_USAGE,
  Interrupted,
  OUTPUT_CLOSED,
  type Host,
} from './host.ts';
import { loadProcess } from './load-process.ts';
import { printable, safeJson } from './printable.ts';
import { ps, type PsOptions } from './ps.ts';
import { top, type TopOptions } from './top.ts';
import { trace, type TraceOptions } from './trace.ts';

/** How long a command waits for an answer, unless `--timeout` says otherwise. */
const TIMEOUT_MS = 5_000;
const MEASURE_MS = 250;
const INTERVAL_MS = 1_000;

/** Runs actors, calls them and lists them; resolves to the exit code. */
export async function main(host: Host): Promise<number> {
  const program = new Command('libprocess')
    .description('Run actors, call them from anywhere, see what a node does.')
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
  addTop(program, host);
  addTrace(program, host);
  try {
    await program.parseAsync(host.argv, { from: 'user' });
    return EX_OK;
  } catch (error) {
    if (host.signal.reason === OUTPUT_CLOSED) return EX_OK;
    // Whatever was under way when somebody said stop has failed for that reason.
    if (host.signal.aborted || error instanceof Interrupted) return EX_INTERRUPTED;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EX_OK : EX_USAGE;
    if (!(error instanceof RuntimeError)) throw error;
    host.stderr.write(`${error.message.split('\n').map(printable).join('\n')}\n`);
    return EX_FAILURE;
  }
}

function addRun(program: Command, host: Host): void {
  program
    .command('run')
    .description('run the process class that a module exports, until Ctrl-C')
    .argument('<module>', 'JavaScript file, for example ./counter.js')
    .option('--name <id>', 'first part of its address; default: what the class chooses', parseName)
    .option('--class <name>', 'exported class, if the module has several')
    .option(
      '--ip <address>',
      'address to listen on; default: LIBPROCESS_IP, else 127.0.0.1',
      parseIp,
    )
    .option('--ip6 <address>', 'IPv6 address to listen on too; default: LIBPROCESS_IP6', parseIp)
    .option('--port <number>', 'port to listen on; default: LIBPROCESS_PORT, else any', parsePort)
    .option(
      '--advertise_ip <address>',
      'address that other hosts reach it by; default: LIBPROCESS_ADVERTISE_IP',
      parseIp,
    )
    .option(
      '--advertise_port <number>',
      'port that other hosts reach it by; default: LIBPROCESS_ADVERTISE_PORT',
      parsePort,
    )
    .action(async (module: string, options: RunOptions) => {
      const { name, class: className, advertise_ip: advertiseIp, ...rest } = options;
      const { advertise_port: advertisePort, ...address } = rest;
      const process = await loadProcess(module, { name, className });
      await using node = await openNode(host.env, {
        ...address,
        ...(advertiseIp !== undefined && { advertiseIp }),
        ...(advertisePort !== undefined && { advertisePort }),
      });
      const pid = node.spawn(process);
      host.stdout.write(`${pid.toString()}\n`);
      const witness = new Witness();
      node.link(node.spawn(witness), pid, 'reuse'); // Before it begins: it may fail at once.
      const stopped = host.signal.aborted ? undefined : once(host.signal, 'abort');
      const reason = await Promise.race([witness.heard, stopped]);
      if (reason === 'failed') throw new RuntimeError('FAILED', `'${pid.toString()}' has failed`);
    });
}

/** Hears why a process has ended. */
class Witness extends Process {
  readonly #heard = new FuturePromise<ExitReason>();

  constructor() {
    super('__run__');
  }
  get heard(): Future<ExitReason> {
    return this.#heard.future;
  }
  protected override exited(_upid: UPID, reason: ExitReason): void {
    this.#heard.set(reason);
  }
}

interface RunOptions {
  readonly name?: string;
  readonly class?: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly port?: number;
  readonly advertise_ip?: string;
  readonly advertise_port?: number;
}

function addCall(program: Command, host: Host): void {
  program
    .command('call')
    .description('call a method of a process and print what it returns, as JSON')
    .argument('<process>', 'ID@IP:PORT', parseUpid)
    .argument('<method>')
    .argument('[argument]', 'JSON, or else taken as text')
    .option('--timeout <duration>', 'how long the answer may take', parseTimeout, TIMEOUT_MS)
    .action(
      async (...[to, method, text, options]: [UPID, string, string | undefined, CallOptions]) => {
        const address = { ip: await toReach(to.ip), port: 0 };
        await using node = await openNode(host.env, { ...address, environment: {} });
        const args = text === undefined ? undefined : parseArgument(text);
        const { timeout } = options;
        const call = callUntyped(node, { to, method, args, timeout });
        const { clock } = node.runtime;
        const result = await within(call, { clock, signal: host.signal, monitor: node });
        host.stdout.write(`${safeJson(result ?? null)}\n`);
      },
    );
}

interface CallOptions {
  readonly timeout: number;
}

function addPs(program: Command, host: Host): void {
  program
    .command('ps')
    .description(
      'list the processes of a node, how much waits in their mailboxes and what takes long',
    )
    .argument('<address>', 'HOST:PORT', parseAddress)
    .option('--json', 'print JSON')
    .option('--measure <duration>', 'how long to measure, 0 not at all', parseMeasure, MEASURE_MS)
    .option('--timeout <duration>', 'how long the answer may take', parseTimeout, TIMEOUT_MS)
    .action((address: string, options: PsOptions) => ps(host, address, options));
}

function addTop(program: Command, host: Host): void {
  program
    .command('top')
    .description('show what the processes of a node are busy with, until q or Ctrl-C')
    .argument('<address>', 'HOST:PORT', parseAddress)
    .option('--once', 'measure once, print and end')
    .option('--json', 'print JSON, one document for each measurement')
    .option('--interval <duration>', 'how long to measure', parseTimeout, INTERVAL_MS)
    .option('--timeout <duration>', 'how long an answer may take', parseTimeout, TIMEOUT_MS)
    .action((address: string, options: TopOptions) => top(host, address, options));
}

function addTrace(program: Command, host: Host): void {
  program
    .command('trace')
    .description('show what a process handles and sends, until it ends or Ctrl-C')
    .argument('<process>', 'ID@IP:PORT', parseUpid)
    .option('--json', 'print lines of JSON')
    .option('--count <number>', 'end after so many lines', parseCount)
    .option('--timeout <duration>', 'how long the first answer may take', parseTimeout, TIMEOUT_MS)
    .action((pid: UPID, options: TraceOptions) => trace(host, pid, options));
}

function openNode(
  environment: Environment,
  options: Omit<StartNodeOptions, 'runtime'>,
): Promise<ProcessManager> {
  const logger = NodeLogger.open({ level: 'warn', format: 'text' });
  const network = new NodeNetwork({
    ssl: readSslOptions(environment),
    http: readHttpLimits(environment),
    logger,
  });
  return startNode({ runtime: nodeRuntime({ network, logger }), environment, ...options });
}

/**
 * Where a node listens that calls: where answers can come from, and nowhere else. Ours come over the connection
 * that the call opens, those of C++ libprocess over one of their own. What the environment says of addresses is
 * meant for nodes that are called.
 */
function toReach(bracketed: string): Promise<string> | string {
  const ip = canonicalIp(bracketed) ?? bracketed;
  if (isLoopback(ip)) return ip.includes(':') ? '::1' : '127.0.0.1';
  return localAddressTowards(ip);
}
