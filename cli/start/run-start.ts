import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_OK, type ExitCode } from '../exit-codes.ts';
import { parseFlags } from '../flags/parse-flags.ts';
import { START_FLAGS } from '../flags/start-flags.ts';
import { flagHelp } from '../help.ts';
import { aborted, type Host } from '../host.ts';
import { LocalCluster } from '../local/local-cluster.ts';
import { showCluster } from '../local/show-cluster.ts';
import { report } from '../report.ts';
import { runSampleJob } from './sample-job.ts';

/** `npm start`: a cluster on this machine and a sample job on it; then the cluster stays, or not. */
export async function runStart(host: Host): Promise<ExitCode> {
  try {
    const { values } = parseFlags(START_FLAGS, host);
    if (values.help) {
      host.stdout.write(`Usage: npm start -- [--flag=value …]\n\n${flagHelp(START_FLAGS)}`);
      return EX_OK;
    }
    return await startAndRun(host, values);
  } catch (error) {
    return report(host, error, 'npm start -- --help');
  }
}

interface Flags {
  readonly port: number;
  readonly agents: number;
  readonly exit: boolean;
  readonly verbose: boolean;
}

async function startAndRun(host: Host, { port, agents, exit, verbose }: Flags): Promise<ExitCode> {
  host.stdout.write(`Starting a master and ${agents} agents ...\n`);
  const tell = (line: string): void => {
    host.stderr.write(`${line}\n`);
  };
  const cluster = await LocalCluster.start({ agents, port, verbose, report: tell });
  try {
    host.stdout.write(showCluster(cluster, true));
    const job = runSampleJob(host, cluster.master);
    const outcome = await Promise.race([job, cluster.failed]);
    if (typeof outcome === 'string') throw new CommandError(outcome, EX_FAILED);
    const summary = `${outcome.finished} of ${outcome.total} tasks finished\n`;
    if (exit || host.stop.aborted) {
      await cluster[Symbol.asyncDispose]();
      host.stdout.write(summary);
      return outcome.succeeded ? EX_OK : EX_FAILED;
    }
    host.stdout.write(summary);
    stay(host, cluster);
    const failure = await Promise.race([aborted(host.stop), cluster.failed]);
    if (failure !== undefined) throw new CommandError(failure, EX_FAILED);
    tell('Stopping');
    return EX_OK;
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
}

function stay({ stdout }: Host, { master }: LocalCluster): void {
  stdout.write(
    `\nThe cluster stays up at http://${master}/state until Ctrl-C. In another terminal:\n` +
      `  npx mesos execute --master=${master} --name=hello --command='echo hello'\n` +
      `  npx mesos task list --all --master=${master}\n`,
  );
}
