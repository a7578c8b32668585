import { checkTraces, type TraceReport } from '../../simulation/traces/check-traces.ts';
import { TraceError } from '../../simulation/traces/read-trace.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_OK } from '../exit-codes.ts';
import { HELP_FLAGS } from '../flags/daemon-flags.ts';
import { flagTable } from '../flags/flag-table.ts';
import { JSON_FLAG } from '../flags/list-flags.ts';
import type { Host } from '../host.ts';

/** More of them tell nothing new. */
const SHOWN_MAX = 20;

export const TRACE_CHECK = defineCommand({
  flags: flagTable({ ...JSON_FLAG, ...HELP_FLAGS }),
  positionals: ['FILE…'],
  examples: ['mesos trace check master.trace agent-1.trace agent-2.trace'],
  async run({ host, flags, positionals }) {
    const report = await checked(positionals);
    if (flags.json) host.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    else print(host, report);
    return report.violations.length === 0 ? EX_OK : EX_FAILED;
  },
});

async function checked(paths: readonly string[]): Promise<TraceReport> {
  try {
    return await checkTraces(paths);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new CommandError(
      error.message,
      EX_FAILED,
      'Traces are written by daemons with --trace_file.',
    );
  }
}

function print({ stdout }: Host, { events, lives, messages, violations }: TraceReport): void {
  for (const { id, what, atMs } of violations.slice(0, SHOWN_MAX)) {
    stdout.write(`${(atMs / 1_000).toFixed(6)} s  ${id}: ${what}\n`);
  }
  if (violations.length > SHOWN_MAX) stdout.write(`… and ${violations.length - SHOWN_MAX} more\n`);
  stdout.write(
    `${events} events of ${lives} lives of nodes, ${messages} messages between them: ` +
      `${violations.length} violations\n`,
  );
}
