import { exitedEvent, type ExitReason } from './event.ts';
import type { Mailbox } from './mailbox.ts';
import type { NodeObserver } from './node-observer.ts';
import type { UPID } from './upid.ts';

/** All links to one process. */
interface Linked {
  readonly upid: UPID;
  readonly text: string;
  readonly linkers: Set<Mailbox>;
}

/**
 * Who wants to hear of whose end: one entry for each (linker, linked) pair of a node. Indexed from
 * both ends: the end of a process costs in proportion to its own links.
 */
export class Links {
  /** By address, then by the linked UPID's text. */
  readonly #byAddress = new Map<string, Map<string, Linked>>();
  readonly #byLinker = new Map<Mailbox, Set<Linked>>();
  readonly #observer: NodeObserver | undefined;

  constructor(observer: NodeObserver | undefined) {
    this.#observer = observer;
  }

  add(linker: Mailbox, to: UPID): void {
    let there = this.#byAddress.get(to.address);
    if (!there) this.#byAddress.set(to.address, (there = new Map<string, Linked>()));
    const text = to.toString();
    let linked = there.get(text);
    if (!linked) there.set(text, (linked = { upid: to, text, linkers: new Set() }));
    linked.linkers.add(linker);
    let own = this.#byLinker.get(linker);
    if (!own) this.#byLinker.set(linker, (own = new Set<Linked>()));
    own.add(linked);
  }

  /** Whether `linker` will hear of the end of `to`. */
  holds(linker: Mailbox, to: UPID): boolean {
    return this.#byAddress.get(to.address)?.get(to.toString())?.linkers.has(linker) ?? false;
  }

  /** One process has ended: tells its linkers and forgets them. */
  ended(upid: UPID, reason: ExitReason): void {
    const linked = this.#byAddress.get(upid.address)?.get(upid.toString());
    if (!linked) return;
    this.#forget(linked);
    this.#tell(linked, reason);
  }

  /** The connection to a node was lost: tells all linkers to anything on it. */
  lost(address: string): void {
    const there = this.#byAddress.get(address);
    if (!there) return;
    this.#byAddress.delete(address);
    for (const linked of there.values()) this.#tell(linked, 'lost');
  }

  /** A linker has ended. */
  removeLinker(linker: Mailbox): void {
    for (const linked of this.#byLinker.get(linker) ?? []) {
      linked.linkers.delete(linker);
      if (linked.linkers.size === 0) this.#forget(linked);
    }
    this.#byLinker.delete(linker);
  }

  /** Whether anything on `address` is linked. */
  has(address: string): boolean {
    return this.#byAddress.has(address);
  }

  /** How many pairs there are. */
  get size(): number {
    let pairs = 0;
    for (const own of this.#byLinker.values()) pairs += own.size;
    return pairs;
  }

  #forget({ upid, text }: Linked): void {
    const there = this.#byAddress.get(upid.address);
    there?.delete(text);
    if (there?.size === 0) this.#byAddress.delete(upid.address);
  }

  #tell(linked: Linked, reason: ExitReason): void {
    for (const linker of linked.linkers) {
      const own = this.#byLinker.get(linker);
      own?.delete(linked);
      if (own?.size === 0) this.#byLinker.delete(linker);
      if (!linker.push(exitedEvent(linked.upid, reason))) continue; // A filter has dropped it.
      this.#observer?.exited(linker.pid, linked.upid);
    }
  }
}
