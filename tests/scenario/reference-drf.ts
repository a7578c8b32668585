import { Resources } from '../../common/resources.ts';
import type { Allocation } from '../../master/allocator/allocator.ts';

interface Held {
  readonly frameworkId: string;
  readonly role: string;
  readonly agentId: string;
  readonly resources: Resources;
}

interface Framework {
  readonly roles: readonly string[];
  active: boolean;
  readonly suppressed: Set<string>;
}

/**
 * DRF as one would write it on a blackboard: plain lists, everything summed anew at each question.
 * The allocator must serve, at each step, the framework that this says is next.
 */
export class ReferenceDrf {
  readonly agents = new Map<string, Resources>();
  readonly frameworks = new Map<string, Framework>();
  readonly weights = new Map<string, number>();
  /** `role` and `role/framework`: how often they were served since they joined. */
  readonly #served = new Map<string, number>();
  held: Held[] = [];

  join(id: string, roles: readonly string[]): void {
    this.frameworks.set(id, { roles, active: true, suppressed: new Set() });
  }

  leave(id: string): void {
    const { roles = [] } = this.frameworks.get(id) ?? {};
    this.frameworks.delete(id);
    for (const role of roles) {
      this.#served.delete(`${role}/${id}`);
      if (this.#members(role).length === 0) this.#served.delete(role);
    }
  }

  removeAgent(id: string): void {
    this.agents.delete(id);
    this.held = this.held.filter(({ agentId }) => agentId !== id);
  }

  free(agentId: string): Resources {
    const total = this.agents.get(agentId) ?? Resources.EMPTY;
    return this.held
      .filter((held) => held.agentId === agentId)
      .reduce((rest, { resources }) => rest.minus(resources.unallocate()), total);
  }

  /** Who is next for anything, as `role/framework`; undefined if nobody wants offers. */
  next(): string | undefined {
    for (const role of this.#roles()) {
      const [first] = this.#members(role)
        .filter((id) => this.#wants(id, role))
        .sort((a, b) => this.#compare(`${role}/${a}`, `${role}/${b}`));
      if (first !== undefined) return `${role}/${first}`;
    }
    return undefined;
  }

  serve({ frameworkId, role, agentId, resources }: Allocation): void {
    this.held.push({ frameworkId, role, agentId, resources });
    for (const key of [role, `${role}/${frameworkId}`]) {
      this.#served.set(key, (this.#served.get(key) ?? 0) + 1);
    }
  }

  #roles(): string[] {
    const roles = new Set([...this.frameworks.values()].flatMap((framework) => framework.roles));
    return [...roles].sort((a, b) => this.#compare(a, b));
  }

  #members(role: string): string[] {
    return [...this.frameworks].filter(([, { roles }]) => roles.includes(role)).map(([id]) => id);
  }

  #wants(id: string, role: string): boolean {
    const framework = this.frameworks.get(id);
    return framework?.active === true && !framework.suppressed.has(role);
  }

  #compare(left: string, right: string): number {
    const [a, b] = [this.share(left), this.share(right)];
    if (a !== b) return a - b;
    const [servedA, servedB] = [this.#served.get(left) ?? 0, this.#served.get(right) ?? 0];
    if (servedA !== servedB) return servedA - servedB;
    return left < right ? -1 : 1;
  }

  /** Of a `role` or a `role/framework`. */
  share(key: string): number {
    const [role = '', id] = key.split('/');
    const mine = this.held.filter(
      (held) =>
        held.role === role &&
        (id === undefined ? this.frameworks.has(held.frameworkId) : held.frameworkId === id),
    );
    const shares = ['cpus', 'mem'].map((name) => {
      const total = sum([...this.agents.values()], name);
      return total === 0
        ? 0
        : sum(
            mine.map(({ resources }) => resources),
            name,
          ) / total;
    });
    return Math.max(...shares) / (id === undefined ? (this.weights.get(role) ?? 1) : 1);
  }
}

const sum = (all: readonly Resources[], name: string): number =>
  all.reduce((total, resources) => total + resources.milli(name), 0);
