import type { StartCommandExecutor } from '../agent/containerizer/containerizer.ts';
import type { AgentFlags } from '../agent/flags.ts';
import { shutdownGracePeriodMs } from '../agent/executors/shutdown-grace-period.ts';
import { startAgent, type Agent, type StartAgentOptions } from '../agent/start-agent.ts';
import { CommandExecutorProcess } from '../executor/command/command-executor-process.ts';
import type { ProcessManager } from '../libprocess/process-manager.ts';

/** Starts an agent with the built-in executor of command tasks beside it. */
export function composeAgent(
  options: Omit<StartAgentOptions, 'startCommandExecutor'>,
): Promise<Agent> {
  const { node, flags } = options;
  return startAgent({ ...options, startCommandExecutor: commandExecutors(node, flags) });
}

function commandExecutors(node: ProcessManager, flags: AgentFlags): StartCommandExecutor {
  return ({ agent, framework, executor, user, environment, runs, checkpoints, recovered }) =>
    node.spawn(
      new CommandExecutorProcess({
        agent,
        agentId: executor.key.agentId,
        frameworkId: framework.id,
        executorId: executor.id,
        containerId: executor.containerId,
        sandbox: executor.directory,
        user,
        environment,
        checkpoint: executor.checkpoint,
        shutdownGracePeriodMs: shutdownGracePeriodMs(executor.info, flags),
        runs,
        checkpoints,
        ...(recovered && { recovered: { ...recovered, framework: framework.info } }),
      }),
    );
}
