import { Process } from '../../libprocess/process.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { wireTypes } from '../../proto/generated/all.ts';

export interface ReceivedMessage {
  readonly from: UPID;
  readonly name: string;
  /** Decoded. */
  readonly message: unknown;
}

/** Plays a peer from a recording: sends what it is given and keeps what it receives. */
export class Replayer extends Process {
  readonly received: ReceivedMessage[] = [];

  constructor(id: string) {
    super(id);
    for (const [name, type] of wireTypes) {
      this.installRaw(name, (from, body) => {
        this.received.push({ from, name, message: type.decode(body) });
      });
    }
  }

  deliver(to: UPID, name: string, message: unknown): void {
    const type = wireTypes.get(name);
    if (!type) throw new Error(`'${name}' is a message of ours`);
    this.post(to, name, type.encode(message));
  }
}
