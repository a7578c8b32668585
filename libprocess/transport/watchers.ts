/** Which peers have linked which processes of this node. */
export class Watchers<P> {
  readonly #byId = new Map<string, Set<P>>();
  readonly #byPeer = new Map<P, Set<string>>();

  add(id: string, peer: P): void {
    const peers = this.#byId.get(id);
    if (peers) peers.add(peer);
    else this.#byId.set(id, new Set([peer]));
    const ids = this.#byPeer.get(peer);
    if (ids) ids.add(id);
    else this.#byPeer.set(peer, new Set([id]));
  }

  /** A process has ended: who is to be told. They are forgotten. */
  take(id: string): Iterable<P> {
    const peers = this.#byId.get(id);
    if (!peers) return [];
    this.#byId.delete(id);
    for (const peer of peers) this.#forget(peer, id);
    return peers;
  }

  removePeer(peer: P): void {
    const ids = this.#byPeer.get(peer) ?? [];
    this.#byPeer.delete(peer);
    for (const id of ids) {
      const peers = this.#byId.get(id);
      peers?.delete(peer);
      if (peers?.size === 0) this.#byId.delete(id);
    }
  }

  #forget(peer: P, id: string): void {
    const ids = this.#byPeer.get(peer);
    ids?.delete(id);
    if (ids?.size === 0) this.#byPeer.delete(peer);
  }
}
