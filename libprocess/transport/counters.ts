/** What the transport of a node counts; exposed as metrics. */
export interface TransportCounters {
  linksOpened: number;
  linksLost: number;
  /** Links broken because too much waited for a peer that does not read. */
  overflows: number;
  /** Messages above the size limit: refused, and logged as errors. */
  oversizedMessages: number;
  /** Messages that waited for a connection which never came, or left with one that broke. */
  droppedMessages: number;
  /** Frames and answers that broke their link by what they held. */
  malformedFrames: number;
  /** Links broken because the peer did not finish a frame, or because too much was held for unfinished ones. */
  unfinishedFrames: number;
  /** Records that a newer peer sent and this node does not understand. */
  skippedRecords: number;
  /** Upgrades refused: by the dial rule, for their claims, or for want of room. */
  refusedUpgrades: number;
  /** Messages to HTTP peers that were answered with something other than success. */
  refusedPosts: number;
}

export function zeroCounters(): TransportCounters {
  return {
    linksOpened: 0,
    linksLost: 0,
    overflows: 0,
    oversizedMessages: 0,
    droppedMessages: 0,
    malformedFrames: 0,
    unfinishedFrames: 0,
    skippedRecords: 0,
    refusedUpgrades: 0,
    refusedPosts: 0,
  };
}
