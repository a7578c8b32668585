import type { FrameworkId } from '../../../common/ids.ts';
import type { AllocatorBooks } from './allocator-books.ts';

/** Differences that are those of sums in another order. */
const EPSILON = 1e-9;

/** Whose turn it is: the share of the role comes first. */
export interface Turn {
  readonly role: string;
  readonly frameworkId: FrameworkId;
  readonly roleShare: number;
  readonly share: number;
}

type Amounts = Map<string, number>;

/**
 * Dominant Resource Fairness among roles, and among the frameworks of a role, from the books alone: the
 * dominant share is the greatest part of any one kind that there is in all, over the weight.
 */
export function turnsOf(books: AllocatorBooks): readonly Turn[] {
  const total: Amounts = new Map();
  const ofRole = new Map<string, Amounts>();
  const ofFramework = new Map<string, Amounts>();
  for (const agent of books.agents.values()) {
    for (const { name, milli } of agent.total.scalarQuantities().quantities)
      add(total, name, milli);
    for (const [frameworkId, held] of agent.held) {
      if (!books.frameworks.has(frameworkId)) continue;
      for (const [role, part] of held.allocations()) {
        for (const { name, milli } of part.scalarQuantities().quantities) {
          add(amountsOf(ofRole, role), name, milli);
          add(amountsOf(ofFramework, `${role} ${frameworkId}`), name, milli);
        }
      }
    }
  }
  return [...books.frameworks.values()].flatMap(({ id, roles }) =>
    [...roles].map((role) => ({
      role,
      frameworkId: id,
      roleShare: dominant(ofRole.get(role), total) / (books.weights.get(role) ?? 1),
      share: dominant(ofFramework.get(`${role} ${id}`), total),
    })),
  );
}

/** Whether one has to be served before the other, and not only may be. */
export function isBefore(one: Turn, other: Turn): boolean {
  if (one.role !== other.role) return one.roleShare < other.roleShare - EPSILON;
  return one.share < other.share - EPSILON;
}

function add(amounts: Amounts, name: string, milli: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + milli);
}

function amountsOf(all: Map<string, Amounts>, key: string): Amounts {
  let amounts = all.get(key);
  if (!amounts) all.set(key, (amounts = new Map<string, number>()));
  return amounts;
}

function dominant(amounts: Amounts | undefined, total: Amounts): number {
  let share = 0;
  for (const [name, milli] of amounts ?? [])
    share = Math.max(share, milli / (total.get(name) ?? Infinity));
  return share;
}
