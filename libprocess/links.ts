import type { Mailbox } from './mailbox.ts';
import type { UPID } from './upid.ts';

interface Link {
  readonly upid: UPID;
  readonly linkers: Set<Mailbox>;
}

/** Who wants to hear of whose end: one entry for each (linker, linked) pair of a node. */
export class Links {
  /** By address, then by the linked UPID's text. */
  readonly #byAddress = new Map<string, Map<string, Link>>();

  add(linker: Mailbox, to: UPID): void {
    let targets = this.#byAddress.get(to.address);
    if (!targets) this.#byAddress.set(to.address, (targets = new Map<string, Link>()));
    const key = to.toString();
    let target = targets.get(key);
    if (!target) targets.set(key, (target = { upid: to, linkers: new Set() }));
    target.linkers.add(linker);
  }

  /** One process has ended: tells its linkers and forgets them. */
  ended(upid: UPID): void {
    const targets = this.#byAddress.get(upid.address);
    const target = targets?.get(upid.toString());
    if (!targets || !target) return;
    targets.delete(upid.toString());
    if (targets.size === 0) this.#byAddress.delete(upid.address);
    tell(target);
  }

  /** The connection to a node was lost: tells all linkers to anything on it. */
  lost(address: string): void {
    const targets = this.#byAddress.get(address);
    if (!targets) return;
    this.#byAddress.delete(address);
    for (const target of targets.values()) tell(target);
  }

  /** A linker has ended. */
  removeLinker(linker: Mailbox): void {
    for (const [address, targets] of this.#byAddress) {
      for (const [key, target] of targets) {
        if (target.linkers.delete(linker) && target.linkers.size === 0) targets.delete(key);
      }
      if (targets.size === 0) this.#byAddress.delete(address);
    }
  }

  /** Whether anything on `address` is linked. */
  has(address: string): boolean {
    return this.#byAddress.has(address);
  }
}

function tell({ upid, linkers }: { upid: UPID; linkers: Set<Mailbox> }): void {
  for (const linker of linkers) linker.push({ kind: 'exited', upid, next: undefined });
}
