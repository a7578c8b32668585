import type { Machine } from '../libprocess/sim/index.ts';
import type { Offer } from '../proto/index.ts';

/** A framework of a story, whatever it runs: whom faults befall, and what checks of all look at. */
export interface FrameworkMember {
  readonly name: string;
  readonly machine: Machine;
  readonly record: MemberRecord;
  /** Another scheduler, with the id and memory of those before. */
  begin(): Promise<void>;
  /** A master has told all its schedulers that they are over: there is none any more. */
  readonly hasAborted: boolean;
  /** `kill -9` of whatever schedulers it has. */
  kill(): void;
  /** Asks the master about all its tasks, none of them by name. */
  askAboutAll(): void;
  /** Another scheduler while the one before still runs; absent where that is not in its plan. */
  readonly rival?: () => Promise<void>;
}

/** What checks want to hear from a framework. */
export interface MemberRecord {
  frameworkId: string | undefined;
  /** How many offers there were. */
  offers: number;
  onOffers: (offers: readonly Offer[]) => void;
  onAgentLost: (agentId: string) => void;
}

/** What a story runs: frameworks of one kind, and what is known of them from outside the system. */
export interface Workload {
  /** All that must be registered and offered resources in the end. */
  readonly members: readonly FrameworkMember[];
  /** Those of them that are to be offered something at any time: they refuse nothing for long. */
  readonly eager: readonly FrameworkMember[];
  /** Those that will not be there in the end. */
  readonly guests: readonly FrameworkMember[];
  begin(): Promise<void>;
  /** Nothing is broken any more: it is to stop making trouble of its own. */
  calmDown(): void;
  /** It may make trouble again. */
  goOn(): void;
  /**
   * What it must reach once all is healed, and has not; for people. Machines `outside` are not: it must
   * be reached without them.
   */
  missing(outside?: ReadonlySet<string>): readonly string[];
  /** It is to come to its end. */
  windDown(): Promise<void>;
  /** What has not come to its end; for people. */
  unfinished(): readonly string[];
  /** Throws where what it was told is not what has happened. */
  check(): void;
}
