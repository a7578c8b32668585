import { Process, type UPID } from '../../libprocess/index.ts';

/** Sends numbered messages, links, and keeps what it receives and hears of. */
export class Chatter extends Process {
  readonly received: number[] = [];
  readonly exits: string[] = [];
  /** What came, in order: numbers, and `exited` of a UPID. */
  readonly story: (number | string)[] = [];
  #next = 0;

  constructor(id: string) {
    super(id);
    this.installRaw('number', (_from, body) => {
      const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
      this.received.push(number);
      this.story.push(number);
    });
  }

  get sent(): number {
    return this.#next;
  }

  say(to: UPID, count: number, padding = 0): void {
    this.defer(() => {
      for (let i = 0; i < count; i += 1) {
        const body = new Uint8Array(4 + padding);
        new DataView(body.buffer).setUint32(0, this.#next++);
        this.post(to, 'number', body);
      }
    })();
  }

  watch(to: UPID, mode: 'reuse' | 'reconnect' = 'reuse'): void {
    this.defer(() => {
      this.link(to, mode);
    })();
  }

  protected override exited(upid: UPID): void {
    this.exits.push(upid.toString());
    this.story.push(`exited ${upid.id}`);
  }
}
