import type { AgentId, ExecutorId, FrameworkId, TaskId } from '../../common/ids.ts';
import { RecentSet } from '../../libprocess/collections/recent-set.ts';
import { Resources } from '../../common/resources.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type {
  ExecutorInfo,
  KillTaskMessage,
  Resource,
  SlaveInfo,
  SlaveInfoCapability,
  SlaveInfoCapabilityType,
  UUID,
} from '../../proto/index.ts';
import type { OfferRecord } from './offer-record.ts';
import { PairMap } from './pair-map.ts';
import type { TaskRecord } from './task-record.ts';

/** More than an agent can still repeat. */
const SETTLED_MAX = 1_024;

/** What an agent says of itself when it registers, and again each time it reregisters. */
export interface AgentDescription {
  readonly pid: UPID;
  /** With its id. */
  readonly info: SlaveInfo;
  readonly version: string;
  readonly capabilities: readonly SlaveInfoCapability[];
  readonly resourceVersion: UUID | undefined;
  readonly checkpointedResources: readonly Resource[];
}

/** A registered agent. */
export class Agent {
  readonly id: AgentId;
  #description: AgentDescription;
  #own = Resources.EMPTY;
  readonly #capabilities = new Set<SlaveInfoCapabilityType>();
  readonly registeredAtMs: Millis;
  reregisteredAtMs: Millis | undefined;
  /** Whether the connection to it stands, as far as we know. */
  connected = true;
  /** Whether its resources are offered. */
  active = true;
  /** It has been asked to register again though its connection stands. */
  askedBack = false;
  /** The allocator is being told anew what is in use on it. */
  recharging = false;
  /** The actor that pings it. */
  observer: UPID | undefined;
  /** What it lends beyond its own resources; may be taken back at any time. */
  oversubscribed = Resources.EMPTY;
  /** Runs while it is disconnected. */
  reregisterTimer: Disposable | undefined;
  readonly tasks = new PairMap<FrameworkId, TaskId, TaskRecord>();
  readonly executors = new PairMap<FrameworkId, ExecutorId, ExecutorInfo>();
  /**
   * Executors that it did not name when it last reregistered: their launch may be on its way. With the
   * tasks that it did name then, which say nothing of that.
   */
  readonly unconfirmedExecutors = new PairMap<FrameworkId, ExecutorId, ReadonlySet<TaskId>>();
  /** Updates by which tasks have ended and been removed: one that is repeated is not of the next task of that id. */
  readonly settledUpdates = new RecentSet<string>(SETTLED_MAX);
  readonly offers = new Set<OfferRecord>();
  /** Kills to be sent again if it reregisters with the task still alive. */
  readonly killed = new PairMap<FrameworkId, TaskId, KillTaskMessage>();

  constructor(id: AgentId, description: AgentDescription, registeredAtMs: Millis) {
    this.id = id;
    this.registeredAtMs = registeredAtMs;
    this.#description = description;
    this.#readDescription();
  }

  get pid(): UPID {
    return this.#description.pid;
  }
  get info(): SlaveInfo {
    return this.#description.info;
  }
  get version(): string {
    return this.#description.version;
  }
  get capabilities(): ReadonlySet<SlaveInfoCapabilityType> {
    return this.#capabilities;
  }
  get resourceVersion(): UUID | undefined {
    return this.#description.resourceVersion;
  }
  set resourceVersion(resourceVersion: UUID | undefined) {
    this.#description = { ...this.#description, resourceVersion };
  }
  get resources(): readonly Resource[] {
    return this.info.resources ?? [];
  }
  /** Its own and what it lends. */
  get total(): Resources {
    return this.#own.plus(this.oversubscribed);
  }
  get checkpointedResources(): readonly Resource[] {
    return this.#description.checkpointedResources;
  }

  /** It has come back, perhaps as another run of itself. */
  describe(description: AgentDescription): void {
    this.#description = description;
    this.#readDescription();
  }

  /** Frameworks with tasks or executors on it. */
  frameworkIds(): Set<FrameworkId> {
    return new Set([...this.tasks.firstKeys(), ...this.executors.firstKeys()]);
  }

  #readDescription(): void {
    this.#own = Resources.fromProtobuf(this.resources);
    this.#capabilities.clear();
    for (const { type } of this.#description.capabilities) if (type) this.#capabilities.add(type);
  }
}
