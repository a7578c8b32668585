import type { MessageType } from '../../libprocess/message.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { UPID } from '../../libprocess/upid.ts';
import { Process } from '../../libprocess/process.ts';

/** Text on its way; no two are the same. */
const NOTE: MessageType<string> = {
  fullName: 'simulation.Note',
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

const SPEAKS_WITHIN_MS = 3_000;
const MAYFLY_LIVES_MS_MAX = 20_000;
const LINK_CHANCE = 0.4;
const RECONNECT_CHANCE = 0.25;
const MAYFLY_CHANCE = 0.1;
const LAST_WORDS_MAX = 1;
/** Others that one remembers to have heard of. */
const KNOWN_MAX = 12;

/** Lives for a while, so that others can hear of its end. */
class Mayfly extends Process {
  readonly #livesMs: number;

  constructor(livesMs: number) {
    super((node) => node.generateId('mayfly'));
    this.#livesMs = livesMs;
  }

  protected override initialize(): void {
    this.delay(this.#livesMs, () => {
      this.node.terminate(this.self);
    });
  }
}

export interface GossipOptions {
  readonly id: string;
  /** Whom everybody knows. */
  readonly others: readonly UPID[];
  readonly random: SimRandom;
}

/**
 * Says something to somebody now and then, links whom it likes, and tells of those it knows. When it
 * is told of an end it may at once speak and link again, as schedulers and agents do.
 */
export class GossipProcess extends ProtobufProcess {
  readonly #options: GossipOptions;
  #known: UPID[] = [];
  #notes = 0;
  #silent = false;

  constructor(options: GossipOptions) {
    super(options.id);
    this.#options = options;
    this.install(NOTE, (_from, text) => this.#heard(text));
  }

  protected override initialize(): void {
    this.#speakLater();
  }

  /** Says something to somebody over a connection that shall prove itself, and then nothing more. */
  fallSilent(): void {
    const { random, others } = this.#options;
    this.#silent = true;
    for (const to of random.shuffle(others).slice(0, LAST_WORDS_MAX)) {
      this.link(to, 'reconnect');
      this.#say(to);
    }
  }

  #speakLater(): void {
    const { random } = this.#options;
    this.delay(random.between(1, SPEAKS_WITHIN_MS), () => {
      if (this.#silent) return;
      if (random.chance(MAYFLY_CHANCE)) {
        const lives = random.between(1, MAYFLY_LIVES_MS_MAX);
        this.#remember(this.node.spawn(new Mayfly(lives)));
      }
      this.#speak();
      this.#speakLater();
    });
  }

  #speak(): void {
    const { random, others } = this.#options;
    const to = random.pick([...others, ...this.#known]);
    if (!to) return;
    if (random.chance(LINK_CHANCE))
      this.link(to, random.chance(RECONNECT_CHANCE) ? 'reconnect' : 'reuse');
    for (let left = random.between(1, 3); left > 0; left -= 1) this.#say(to);
  }

  #say(to: UPID): void {
    this.#notes += 1;
    const about = this.#options.random.pick(this.#known)?.toString() ?? '';
    // The ordinal of a node's life is not known here: its incarnation makes the note unique.
    this.send(to, NOTE, `${this.runtime.random.uuid()} ${String(this.#notes)} ${about}`);
  }

  #heard(text: string): void {
    const upid = UPID.parse(text.split(' ')[2] ?? '');
    if (upid) this.#remember(upid);
  }

  #remember(upid: UPID): void {
    this.#known = [...this.#known.slice(1 - KNOWN_MAX), upid];
  }

  protected override exited(upid: UPID): void {
    const { random } = this.#options;
    if (this.#silent || random.chance(0.5)) return;
    this.#say(upid);
    if (random.chance(0.5)) this.link(upid);
  }
}
