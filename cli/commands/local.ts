import { defineCommand } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_OK } from '../exit-codes.ts';
import { LOCAL_FLAGS } from '../flags/local-flags.ts';
import { aborted } from '../host.ts';
import { LocalCluster } from '../local/local-cluster.ts';
import { showCluster } from '../local/show-cluster.ts';

export const LOCAL = defineCommand({
  flags: LOCAL_FLAGS,
  examples: ['mesos local', 'mesos local --agents=5 --port=0', 'mesos local --work_dir=./cluster'],
  async run({ host, flags }) {
    const starting = LocalCluster.start({
      agents: flags.agents,
      port: flags.port,
      workDirectory: flags.work_dir,
      agentFlags: [`--resources=${flags.resources}`, `--checkpoint=${String(flags.checkpoint)}`],
      verbose: flags.verbose,
      report: (line) => {
        host.stderr.write(`${line}\n`);
      },
    });
    await using cluster = await starting;
    const { master } = cluster;
    host.stdout.write(showCluster(cluster, flags.work_dir === undefined));
    host.stdout.write(
      `Try: mesos execute --master=${master} --name=hello --command='echo hello'\n` +
        'Ctrl-C stops it.\n',
    );
    const failure = await Promise.race([aborted(host.stop), cluster.failed]);
    if (failure !== undefined) throw new CommandError(failure, EX_FAILED);
    host.stderr.write('Stopping: agents end their tasks\n');
    return EX_OK;
  },
});
