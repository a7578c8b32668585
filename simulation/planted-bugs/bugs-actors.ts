import type { PlantedBug } from './planted-bug.ts';

const MAILBOX = 'libprocess/mailbox.ts';
const FUTURE = 'libprocess/future.ts';
const PROCESS = 'libprocess/process.ts';
const MANAGER = 'libprocess/process-manager.ts';

type Bug = Pick<PlantedBug, 'id' | 'file' | 'find' | 'replace' | 'breaks'>;

/** What every process relies on: turns, ends, futures, timers. */
const BUGS: readonly Bug[] = [
  {
    id: 'ended-mailboxes-take-more',
    file: MAILBOX,
    find: `    this.#ended = this.#guarded = true;
    const dropped`,
    replace: `    const dropped`,
    breaks: 'P5: a process that has ended goes on',
  },
  {
    id: 'calls-that-wait-are-forgotten-at-the-end',
    file: MAILBOX,
    find: 'for (let event = dropped; event; event = event.next) drop(event, this.pid);',
    replace: '',
    breaks: 'P16: calls that wait when their process ends stay pending',
  },
  {
    id: 'calls-under-way-are-forgotten-at-the-end',
    file: MAILBOX,
    find: 'for (const event of this.#unanswered ?? []) drop(event, this.pid);',
    replace: '',
    breaks: 'P10: calls whose answer is to come stay pending when their process ends',
  },
  {
    id: 'waiters-are-told-before-the-end',
    file: MAILBOX,
    find: `    try {
      this.#follow(this.process[FINALIZE]());`,
    replace: `    this.#waiters?.set(undefined);
    try {
      this.#follow(this.process[FINALIZE]());`,
    breaks: 'P6: who waits for an end hears of it before finalize',
  },
  {
    id: 'waiters-are-never-told',
    file: MAILBOX,
    find: '    this.#waiters?.set(undefined);\n',
    replace: '',
    breaks: 'P10: who waits for an end waits for ever',
  },
  {
    id: 'an-end-in-the-queue-comes-first',
    file: MAILBOX,
    find: '    const initialize = (): void => {\n',
    replace: `    if (this.#head?.kind === 'terminate') return;
    const initialize = (): void => {
`,
    breaks: 'P6: a process that is ended at once is finalized and was never initialized',
  },
  {
    id: 'injected-events-lose-the-queue',
    file: MAILBOX,
    find: 'event.next = this.#head;',
    replace: 'this.#tail = event;',
    breaks: 'P10: what waited when an end was injected is never dropped',
  },
  {
    id: 'messages-are-put-in-front',
    file: MAILBOX,
    find: `    if (this.#tail) this.#tail.next = event;
    else this.#head = event;
    this.#tail = event;`,
    replace: `    event.next = this.#head;
    this.#head = event;
    this.#tail ??= event;`,
    breaks: 'P2: the later of two messages is handled first',
  },
  {
    id: 'abandoned-futures-can-be-set',
    file: FUTURE,
    find: "return this.#state !== 'pending' || this.#abandoned;",
    replace: "return this.#state !== 'pending';",
    breaks: 'P9: an abandoned future becomes ready after all',
  },
  {
    id: 'completed-futures-can-be-set',
    file: FUTURE,
    find: '    if (this.#settled) return false;\n    this.#state = state;',
    replace: '    this.#state = state;',
    breaks: 'P9: a future that has ended ends again',
  },
  {
    id: 'callbacks-stay-when-they-have-run',
    file: FUTURE,
    find: 'this.#listeners = this.#discardListeners = undefined;',
    replace:
      "this.#discardListeners = undefined;\n    if (state === 'pending') this.#tell(listeners);",
    breaks: 'P9: callbacks run twice',
  },
  {
    id: 'timers-outlive-their-process',
    file: PROCESS,
    find: 'for (const timer of this.#timers ?? []) timer[Symbol.dispose]();',
    replace: '',
    breaks: 'P12: timers are left of processes that have ended',
  },
  {
    id: 'cancelled-timers-fire-once-they-are-due',
    file: PROCESS,
    find: `        timers.delete(timer);
        timer[Symbol.dispose]();`,
    replace: '        timers.delete(timer);',
    breaks: 'P12: cancelled timers are left behind',
  },
  {
    id: 'timers-fire-at-once',
    file: PROCESS,
    find: 'const timer = this.runtime.clock.timer(delayMs, () => {',
    replace: 'const timer = this.runtime.clock.timer(delayMs / 2, () => {',
    breaks: 'P11: timers fire before they are due',
  },
  {
    id: 'local-linkers-are-not-told',
    file: MANAGER,
    find: '    this.#links.ended(which.pid, reason);\n',
    replace: '',
    breaks: 'P7: the end of a process of one node is not told there',
  },
  {
    id: 'linkers-of-what-has-ended-wait',
    file: MANAGER,
    find: "if (from.push(exitedEvent(to, 'ended'))) this.#observer?.exited(from.pid, to);\n      return;",
    replace: 'this.#links.add(from, to);\n      return;',
    breaks: 'P7: a link to what has ended already is never told',
  },
  {
    id: 'other-nodes-are-not-told-of-ends',
    file: MANAGER,
    find: '    this.#transport?.ended(which.pid, reason);\n',
    replace: '',
    breaks: 'P7: the end of a process is not told to other nodes',
  },
  {
    id: 'queues-of-links-have-no-end',
    file: 'libprocess/transport/framed-link.ts',
    find: 'this.#queuedBytes > QUEUED_BYTES_MAX || this.#queuedMessages > QUEUED_MESSAGES_MAX;',
    replace: 'this.#queuedMessages > QUEUED_MESSAGES_MAX;',
    breaks: 'P13: a peer that does not read fills the memory',
  },
];

export const ACTOR_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({
  ...bug,
  area: 'actors',
  hunter: 'actors',
}));
