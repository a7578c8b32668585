/** Another actor library, made to play what ours plays. */
export interface Peer {
  /** With its version. */
  readonly name: string;
  /** Two actors that send `messages` to and fro, one in flight. */
  pingPong(messages: number): Promise<void>;
  /** `tokens` that go `hops` round a circle; undefined if it cannot. */
  ring?(options: RingOptions): Promise<void>;
}

export interface RingOptions {
  readonly actors: number;
  readonly tokens: number;
  readonly hops: number;
}
