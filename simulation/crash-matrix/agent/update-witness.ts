import {
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type StatusUpdate,
} from '../../../proto/index.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { Violation } from '../stage.ts';

/**
 * Sees what an agent tells the master. What it has told and nobody has acknowledged it must tell again
 * when it has started again: it was durable before it was told (U4), and is not forgotten (U3, R2).
 */
export class UpdateWitness {
  /** UUIDs of updates that reached the master, by what they say; how often. */
  readonly #told = new Map<string, { readonly text: string; times: number }>();
  readonly #acknowledged = new Set<string>();
  readonly #owed = new Map<string, { readonly text: string; readonly times: number }>();
  /** Under which id the agent has spoken. */
  readonly agentIds = new Set<string>();

  constructor(cluster: Cluster) {
    cluster.mail.listen((message) => {
      if (message.name === StatusUpdateMessage.fullName && message.to.id === 'master')
        this.#updated(message.as(StatusUpdateMessage).update);
      if (
        message.name === StatusUpdateAcknowledgementMessage.fullName &&
        message.to.id.startsWith('slave')
      )
        this.#acknowledged.add(hex(message.as(StatusUpdateAcknowledgementMessage).uuid));
    });
  }

  #updated({ uuid, status, slave_id }: StatusUpdate): void {
    // An agent that never had a task says so to each master that asks, and records nothing of it.
    if (!uuid || status.reason === 'REASON_RECONCILIATION') return;
    if (slave_id) this.agentIds.add(slave_id.value);
    const key = hex(uuid);
    const known = this.#told.get(key);
    if (known) known.times += 1;
    else this.#told.set(key, { text: `${status.state} of '${status.task_id.value}'`, times: 1 });
  }

  /** The agent is gone, and starts again. */
  restarted(): void {
    for (const [uuid, { text, times }] of this.#told) {
      if (!this.#acknowledged.has(uuid)) this.#owed.set(uuid, { text, times });
    }
  }

  /** What was told and is not acknowledged; undefined if there is nothing. */
  get untold(): string | undefined {
    const waiting = [...this.#told].find(([uuid]) => !this.#acknowledged.has(uuid));
    return waiting && `U1: ${waiting[1].text} is never acknowledged`;
  }

  check(): void {
    for (const [uuid, { text, times }] of this.#owed) {
      if ((this.#told.get(uuid)?.times ?? 0) === times)
        throw new Violation(`U4: ${text} was told before a crash, and not again after it`);
    }
    if (this.agentIds.size > 1)
      throw new Violation(`R6: the agent has spoken as ${[...this.agentIds].join(' and ')}`);
  }
}

const hex = (uuid: Uint8Array): string => Buffer.from(uuid).toString('hex');
