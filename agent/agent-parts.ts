import type { AgentContext } from './agent-context.ts';
import { ExecutorExit } from './executors/executor-exit.ts';
import { ExecutorLauncher } from './executors/executor-launcher.ts';
import { ExecutorRegistration } from './executors/executor-registration.ts';
import { ExecutorShutdown } from './executors/executor-shutdown.ts';
import { FrameworkMessages } from './frameworks/framework-messages.ts';
import { Registration } from './registration/registration.ts';
import { MasterReconciliation } from './registration/master-reconciliation.ts';
import { KillTask } from './tasks/kill-task.ts';
import { RunTask } from './tasks/run-task.ts';
import { StatusUpdateHandler } from './tasks/status-update-handler.ts';
import { TaskDelivery } from './tasks/task-delivery.ts';

/** The capabilities of an agent, joined: who tells whom of what is said here and nowhere else. */
export interface AgentParts {
  readonly registration: Registration;
  readonly runTask: RunTask;
  readonly killTask: KillTask;
  readonly statusUpdates: StatusUpdateHandler;
  readonly executors: ExecutorRegistration;
  readonly launcher: ExecutorLauncher;
  readonly shutdown: ExecutorShutdown;
  readonly exit: ExecutorExit;
  readonly messages: FrameworkMessages;
}

export interface AgentPartsOptions {
  /** The last framework has gone while the agent shuts down. */
  readonly onDrained: () => void;
  /** An executor that a former agent left is back. */
  readonly onExecutorReregistered: () => void;
}

export function joinParts(context: AgentContext, options: AgentPartsOptions): AgentParts {
  const shutdown = new ExecutorShutdown(context);
  const statusUpdates: StatusUpdateHandler = new StatusUpdateHandler(context, {
    onMisbehaved: (_framework, executor) => {
      shutdown.shutdown(executor);
    },
    onTaskSettled: (framework, taskId) => {
      runTask.settled(framework, taskId);
    },
    onSettled: (framework, executor) => {
      exit.settled(framework, executor);
    },
  });
  const exit = new ExecutorExit(context, {
    sink: statusUpdates,
    onFrameworkRemoved: options.onDrained,
  });
  const delivery = new TaskDelivery(context, statusUpdates);
  const launcher = new ExecutorLauncher(context, {
    onLaunchFailed: (framework, executor, message) => {
      context.metrics.containerLaunchErrors.increment();
      exit.ended(framework, executor, { launched: false, waitStatus: -1, message });
    },
    onRegistrationTimeout: (_framework, executor) => {
      shutdown.destroy(executor, {
        state: 'TASK_FAILED',
        reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
        message: 'Executor did not register in time',
      });
    },
  });
  const runTask = new RunTask(context, { launcher, delivery, exit, sink: statusUpdates });
  const reconciliation = new MasterReconciliation(context);
  return {
    shutdown,
    statusUpdates,
    exit,
    launcher,
    messages: new FrameworkMessages(context),
    runTask,
    killTask: new KillTask(context, { sink: statusUpdates, shutdown }),
    executors: new ExecutorRegistration(context, {
      delivery,
      statusUpdates,
      onUseless: (_framework, executor) => {
        shutdown.shutdown(executor);
      },
      onReregistered: options.onExecutorReregistered,
    }),
    registration: new Registration(context, {
      onRegistered: (message) => {
        reconciliation.answer(message?.reconciliations ?? []);
        exit.tellAgain();
      },
    }),
  };
}
