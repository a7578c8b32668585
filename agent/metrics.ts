/** What the agent counts; registered under Mesos's names in `slave-process.ts`. */
export interface AgentMetrics {
  validStatusUpdates: number;
  invalidStatusUpdates: number;
  validFrameworkMessages: number;
  invalidFrameworkMessages: number;
  executorsStarted: number;
  executorsTerminated: number;
  registrations: number;
}

export function newAgentMetrics(): AgentMetrics {
  return {
    validStatusUpdates: 0,
    invalidStatusUpdates: 0,
    validFrameworkMessages: 0,
    invalidFrameworkMessages: 0,
    executorsStarted: 0,
    executorsTerminated: 0,
    registrations: 0,
  };
}
