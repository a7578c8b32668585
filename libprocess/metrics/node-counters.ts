/** What a node counts; exposed as metrics. */
export interface NodeCounters {
  /** Messages to processes that do not exist here. */
  undeliverableMessages: number;
  /** Messages whose name nothing was installed for. */
  unknownMessages: number;
  /** Messages whose body did not decode. */
  malformedMessages: number;
  /** Processes that ended because a handler threw, and callbacks of futures that threw. */
  faults: number;
  /** Messages, calls and requests for processes whose bounded mailboxes were full. */
  refusedEvents: number;
  /** Dispatched calls that failed, now, without anybody having looked at their futures. */
  unobservedFailures: number;
  /** Headers or records about a trace that made no sense; what came with them was handled without. */
  malformedTraceContexts: number;
  /** Clients that were cut off because they read nothing of their answers. */
  unreadAnswers: number;
  /** Connections that were closed at once, because as many were open as may be. */
  refusedConnections: number;
}

export const nodeCounters = (): NodeCounters => ({
  undeliverableMessages: 0,
  unknownMessages: 0,
  malformedMessages: 0,
  faults: 0,
  refusedEvents: 0,
  unobservedFailures: 0,
  malformedTraceContexts: 0,
  unreadAnswers: 0,
  refusedConnections: 0,
});
