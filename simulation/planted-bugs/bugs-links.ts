import type { PlantedBug } from './planted-bug.ts';

const PEER = 'libprocess/transport/peer.ts';
const LINK = 'libprocess/transport/framed-link.ts';

/** A connection ends, or begins, and somebody does not hear of it. */
export const LINK_BUGS: readonly PlantedBug[] = [
  {
    id: 'links-look-for-silence-only-once',
    area: 'links',
    file: LINK,
    find: `    this.#unfinishedBytes = unfinished;
    this.#tickLater();`,
    replace: `    this.#unfinishedBytes = unfinished;`,
    breaks: 'P7: a half-open connection is never found out',
  },
  {
    id: 'links-take-every-silence-for-the-end',
    area: 'links',
    file: LINK,
    find: 'if (this.#silentIntervals >= SILENT_INTERVALS_MAX) {',
    replace: 'if (!heard) {',
    breaks: 'P8: connections on which nobody happens to speak are broken',
  },
  {
    id: 'links-replaced-without-a-word',
    area: 'links',
    file: PEER,
    find: `if (kind === 'linked' || kind === 'post') this.#lost('the peer has connected anew', 'keep');
      else this.#leave();`,
    replace: `if (kind !== 'idle') this.#leave();`,
    breaks: 'P7: what was on a connection that the peer replaced is lost, and nobody is told',
  },
  {
    id: 'links-lost-without-a-word',
    area: 'links',
    file: PEER,
    find: 'events.lost(this.address);',
    replace: "if (outbox === 'drop') events.lost(this.address);",
    breaks: 'P7: a connection that breaks raises no exited events',
  },
  {
    id: 'links-count-dials-across-incarnations',
    area: 'links',
    file: PEER,
    find: 'const last = this.#lastDialOf(hello.incarnation);',
    replace: 'const last = this.#lastDial?.dial;',
    breaks: 'M15: a node that has started again is refused as its own past',
  },
  {
    id: 'links-let-late-dials-in',
    area: 'links',
    file: PEER,
    find: 'const stale = last !== undefined && hello.dial <= last;',
    replace: 'const stale = last !== undefined && hello.dial < 0;',
    breaks: 'P2: a dial that was given up replaces the connection made after it',
  },
  {
    id: 'links-drop-what-a-probe-held-back',
    area: 'links',
    file: PEER,
    find: `this.#lost(reason, 'keep');
    if (livedMs`,
    replace: `this.#lost(reason, 'drop');
    if (livedMs`,
    breaks: 'P7: what waited for a connection to prove itself is lost with it',
  },
  {
    id: 'links-keep-what-waited-for-a-failed-dial',
    area: 'links',
    file: PEER,
    find: `this.#lost(reason, 'drop');
    this.#wait(REDIAL_AFTER_FAILURE_MS);`,
    replace: `this.#lost(reason, 'keep');
    this.#wait(REDIAL_AFTER_FAILURE_MS);`,
    breaks:
      'P7: messages arrive after their sender was told of the loss, at whoever lives there now',
  },
  {
    id: 'links-leave-behind-what-waited',
    area: 'links',
    file: PEER,
    find: `    for (const id of this.#linked) link.link(id);
    this.#sendWaiting();`,
    replace: `    for (const id of this.#linked) link.link(id);`,
    breaks: 'P2: what waited for a connection is not sent over it',
  },
  {
    id: 'links-do-not-dial-again-for-what-waits',
    area: 'links',
    file: PEER,
    find: 'else if (this.#outbox.size > 0) this.#dial();\n',
    replace: '\n',
    breaks: 'P7: what waits for a connection that broke waits for ever',
  },
  {
    id: 'links-never-leave-the-wait-after-a-refusal',
    area: 'links',
    file: PEER,
    find: "if (this.#state.kind !== 'waiting' || this.#state.timer !== timer) return;\n      this.#state = IDLE;",
    replace: "if (this.#state.kind !== 'waiting' || this.#state.timer !== timer) return;",
    breaks: 'M15: after one failed dial a node is never dialled again',
  },
  {
    id: 'linkers-are-forgotten-on-other-addresses',
    area: 'links',
    file: 'libprocess/links.ts',
    find: "this.#byAddress.delete(address);\n    for (const linked of there.values()) this.#tell(linked, 'lost');",
    replace:
      "this.#byAddress.clear();\n    for (const linked of there.values()) this.#tell(linked, 'lost');",
    breaks: 'P7: the loss of one node makes links to all others void',
  },
  {
    id: 'only-one-linker-hears-of-a-loss',
    area: 'links',
    file: 'libprocess/links.ts',
    find: 'this.#observer?.exited(linker.pid, linked.upid);',
    replace: 'this.#observer?.exited(linker.pid, linked.upid);\n      break;',
    breaks: 'P7: of several who linked a process one hears of its end',
  },
];
