import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agentId, frameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { SimRandom } from '../../libprocess/sim/index.ts';
import { HierarchicalAllocator } from '../../master/allocator/hierarchical-allocator.ts';
import { ReferenceDrf } from './reference-drf.ts';

const AGENTS = ['s1', 's2', 's3', 's4'] as const;
const FRAMEWORKS = ['f1', 'f2', 'f3', 'f4', 'f5'] as const;
const ROLES = ['r1', 'r2', 'r3'] as const;

const operation = fc.record({
  kind: fc.constantFrom(
    ...(['agent', 'agent', 'loseAgent', 'join', 'join', 'leave', 'run', 'run', 'run'] as const),
    ...(['launch', 'launch', 'giveBack', 'finish', 'disconnect', 'reconnect'] as const),
    ...(['suppress', 'revive', 'weigh'] as const),
  ),
  agent: fc.constantFrom(...AGENTS),
  framework: fc.constantFrom(...FRAMEWORKS),
  role: fc.constantFrom(...ROLES),
  other: fc.constantFrom(...ROLES),
  cpus: fc.integer({ min: 1, max: 8 }),
  index: fc.nat(20),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** The allocator and the reference, told the same. */
class Twins {
  readonly allocator = new HierarchicalAllocator();
  readonly reference = new ReferenceDrf();
  readonly #random = new SimRandom(1);
  #nowMs = 0;

  apply(one: Operation): void {
    const { reference, allocator } = this;
    const [agent, id] = [agentId(one.agent), frameworkId(one.framework)];
    const known = reference.frameworks.get(id);
    switch (one.kind) {
      case 'agent':
        return this.#addAgent(one);
      case 'loseAgent':
        allocator.removeAgent(agent);
        return reference.removeAgent(agent);
      case 'join':
        return this.#join(one);
      case 'leave':
        allocator.removeFramework(id);
        return reference.leave(id);
      case 'run':
        return this.#run();
      case 'launch':
        return this.#recoverPart(one.index, (held) => held.minus(halfOf(held)));
      case 'giveBack':
        return this.#recoverPart(one.index, (held) => held);
      case 'finish':
        return this.#recoverPart(one.index, halfOf);
      case 'disconnect':
      case 'reconnect':
        if (known) known.active = one.kind === 'reconnect';
        if (one.kind === 'reconnect') return allocator.activateFramework(id);
        return allocator.deactivateFramework(id);
      case 'suppress':
        known?.suppressed.add(one.role);
        return allocator.suppressOffers(id, [one.role]);
      case 'revive':
        known?.suppressed.delete(one.role);
        return allocator.reviveOffers(id, [one.role]);
      case 'weigh':
        reference.weights.set(one.role, one.cpus);
        return allocator.updateWeights([{ role: one.role, weight: one.cpus }]);
    }
  }

  #addAgent({ agent, cpus, index }: Operation): void {
    const ports = `ports:[${index}-${index + cpus}]`;
    const total = Resources.from(`cpus:${cpus};mem:${(1 + (index % 5)) * 512};${ports}`);
    const id = agentId(agent);
    this.allocator.addAgent({ id, hostname: agent, total, capabilities: ['MULTI_ROLE'] });
    this.reference.removeAgent(agent);
    this.reference.agents.set(agent, total);
  }

  #join({ framework, role, other }: Operation): void {
    // One that left and still holds something would be counted again: that is another test's story.
    const holds = this.reference.held.some((held) => held.frameworkId === framework);
    if (holds || this.reference.frameworks.has(framework)) return;
    const roles = [...new Set([role, other])];
    this.allocator.addFramework({
      id: frameworkId(framework),
      roles,
      capabilities: ['MULTI_ROLE'],
    });
    this.reference.join(framework, roles);
  }

  #run(): void {
    this.#nowMs += 1_000;
    const run = { nowMs: this.#nowMs, random: this.#random };
    for (const allocation of this.allocator.allocate(run)) {
      const { role, frameworkId: id, agentId: agent, resources } = allocation;
      expect(`${role}/${id}`).toBe(this.reference.next()); // A10
      expect(this.reference.free(agent).contains(resources.unallocate())).toBe(true); // A3, A4
      this.reference.serve(allocation);
    }
    if (this.reference.next() === undefined) return;
    for (const agent of this.reference.agents.keys()) {
      expect((this.reference.free(agent).cpus ?? 0) === 0).toBe(true); // Nothing useful was left.
    }
  }

  #recoverPart(index: number, partOf: (held: Resources) => Resources): void {
    const { held } = this.reference;
    const chosen = held[index % held.length];
    if (!chosen) return;
    const resources = partOf(chosen.resources);
    const rest = chosen.resources.minus(resources);
    this.reference.held = held
      .map((one) => (one === chosen ? { ...one, resources: rest } : one))
      .filter((one) => !one.resources.isEmpty);
    this.allocator.recoverResources(
      { frameworkId: frameworkId(chosen.frameworkId), agentId: agentId(chosen.agentId), resources },
      this.#nowMs,
    );
  }

  /** The books agree, to the thousandth and the port. */
  check(): void {
    for (const [agent, total] of this.reference.agents) {
      const available = this.allocator.available(agentId(agent)) ?? Resources.EMPTY;
      expect(available.equals(this.reference.free(agent))).toBe(true);
      const held = this.reference.held.filter((one) => one.agentId === agent);
      const sum = held.reduce((all, { resources }) => all.plus(resources.unallocate()), available);
      expect(sum.equals(total)).toBe(true); // A1
    }
    for (const [id, { roles }] of this.reference.frameworks) {
      for (const role of roles) {
        expect(this.allocator.share(role, frameworkId(id))).toBe(
          this.reference.share(`${role}/${id}`),
        );
        expect(this.allocator.share(role)).toBe(this.reference.share(role));
      }
    }
  }
}

const halfOf = (held: Resources): Resources =>
  held.filter((kind) => kind.name === 'cpus' || kind.name === 'ports');

describe('the allocator, whatever happens to it', () => {
  test('serves whom plain DRF says, and its books always add up [A1] [A2] [A10] [A11]', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 10, maxLength: 60 }), (operations) => {
        const twins = new Twins();
        for (const one of operations) {
          twins.apply(one);
          twins.check();
        }
      }),
      { numRuns: 120 },
    );
  });
});
