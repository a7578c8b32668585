import { agentId, frameworkId } from '../../common/ids.ts';
import { ResourceQuantities } from '../../common/resource-quantities.ts';
import { Resources } from '../../common/resources.ts';
import { parseDuration } from '../../libprocess/duration.ts';
import type { Allocation } from '../../master/allocator/allocator.ts';
import { HierarchicalAllocator } from '../../master/allocator/hierarchical-allocator.ts';
import { SimRandom } from '../../libprocess/sim/index.ts';
import type { Filters } from '../../proto/index.ts';

const AGENT_CAPABILITIES = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'] as const;

/** Prints what it returns, one line each. */
type Command = (words: readonly string[]) => readonly string[] | void; // eslint-disable-line @typescript-eslint/no-invalid-void-type

/**
 * Plays the master for an allocator: keeps the offers that are out and hands back what frameworks
 * do not use. One line in, some lines out. Agents and frameworks are what the test names them.
 *
 *   agent A cpus:4;mem:4096          framework F in web,db [suppressed db] [needs cpus:1;mem:32]
 *   run                              one batch, after a second has passed: prints the offers
 *   launch F A cpus:1 [refuse 5]     uses that much of F's offer on A, gives back the rest
 *   decline F A [refuse 5]           gives back the offer (`refuse 0`: without a filter)
 *   finish F A ROLE cpus:1           a task ended
 *   play                             batches until nobody launches: each launches what it needs, once per offer
 *   shares ROLE                      of the role and of the frameworks in it
 *   revive F [ROLE] | suppress F [ROLE] | weight ROLE 2 | wait 10secs
 *   resize A cpus:2 | remove A | disconnect F | reconnect F | leave F | whitelist A,B | free A
 */
export class AllocatorSession {
  readonly #allocator = new HierarchicalAllocator();
  readonly #random = new SimRandom('transcript');
  readonly #offers = new Map<string, Allocation>();
  readonly #roles = new Map<string, readonly string[]>();
  readonly #needs = new Map<string, Resources>();
  #nowMs = 0;

  readonly #commands: Readonly<Record<string, Command>> = {
    agent: ([id = '', total = '']) => this.#agent(id, total),
    framework: ([id = '', , roles = '', ...options]) => this.#framework(id, roles, options),
    run: () => orNobody(this.#run().map(printOffer)),
    launch: ([id = '', agent = '', used = '', ...options]) =>
      this.#giveBack([id, agent], Resources.from(used), options),
    decline: ([id = '', agent = '', ...options]) =>
      this.#giveBack([id, agent], Resources.EMPTY, options),
    finish: ([id = '', agent = '', role = '', used = '']) =>
      this.#recover([id, agent], Resources.from(used).allocate(role)),
    play: () => this.#play(),
    shares: ([role = '']) => [this.#shares(role)],
    free: ([id = '']) => [String(this.#allocator.available(agentId(id)) ?? 'unknown agent')],
    revive: ([id = '', ...roles]) => {
      this.#allocator.reviveOffers(frameworkId(id), roles);
    },
    suppress: ([id = '', ...roles]) => {
      this.#allocator.suppressOffers(frameworkId(id), roles);
    },
    weight: ([role = '', weight = '']) => {
      this.#allocator.updateWeights([{ role, weight: Number(weight) }]);
    },
    wait: ([text = '']) => {
      this.#wait(text);
    },
    resize: ([id = '', total = '']) => {
      this.#allocator.updateAgent(agentId(id), { total: Resources.from(total) });
    },
    remove: ([id = '']) => {
      this.#allocator.removeAgent(agentId(id));
    },
    disconnect: ([id = '']) => {
      this.#allocator.deactivateFramework(frameworkId(id));
    },
    reconnect: ([id = '']) => {
      this.#allocator.activateFramework(frameworkId(id));
    },
    leave: ([id = '']) => {
      this.#allocator.removeFramework(frameworkId(id));
    },
    whitelist: ([hosts = '']) => {
      this.#allocator.updateWhitelist(new Set(hosts.split(',')));
    },
  };

  execute(line: string): readonly string[] {
    const [name = '', ...words] = line.trim().split(/\s+/);
    const command = this.#commands[name];
    if (!command) throw new Error(`Unknown command '${name}'`);
    return command(words) ?? [];
  }

  #agent(id: string, total: string): readonly string[] {
    this.#allocator.addAgent({
      id: agentId(id),
      hostname: id,
      total: Resources.from(total),
      capabilities: AGENT_CAPABILITIES,
    });
    return [];
  }

  #framework(id: string, list: string, options: readonly string[]): readonly string[] {
    const option = (name: string): string | undefined => options[options.indexOf(name) + 1 || -1];
    const roles = list.split(',');
    this.#roles.set(id, roles);
    const needs = option('needs');
    if (needs !== undefined) this.#needs.set(id, Resources.from(needs));
    const minimum = option('minimum');
    this.#allocator.addFramework({
      id: frameworkId(id),
      roles,
      suppressedRoles: option('suppressed')?.split(',') ?? [],
      capabilities: roles.length > 1 ? ['MULTI_ROLE'] : [],
      ...(minimum !== undefined && {
        minAllocatable: new Map(roles.map((role) => [role, minimums(minimum)])),
      }),
    });
    return [];
  }

  #run(): readonly Allocation[] {
    this.#nowMs += 1_000;
    const offers = this.#allocator.allocate({ nowMs: this.#nowMs, random: this.#random });
    for (const offer of offers) this.#offers.set(`${offer.frameworkId} ${offer.agentId}`, offer);
    return [...offers].sort((a, b) => (printOffer(a) < printOffer(b) ? -1 : 1));
  }

  #giveBack(
    [id, agent]: readonly [string, string],
    used: Resources,
    options: readonly string[],
  ): readonly string[] {
    const offer = this.#offers.get(`${id} ${agent}`);
    if (!offer) return [`${id} has no offer of ${agent}`];
    const kept = used.allocate(offer.role);
    if (!offer.resources.contains(kept)) return [`the offer is only ${String(offer.resources)}`];
    this.#offers.delete(`${id} ${agent}`);
    const seconds = options[0] === 'refuse' ? Number(options[1]) : undefined;
    const filters: Filters = seconds === undefined ? {} : { refuse_seconds: seconds };
    return this.#recover([id, agent], offer.resources.minus(kept), filters);
  }

  #recover(
    [id, agent]: readonly [string, string],
    resources: Resources,
    filters?: Filters,
  ): readonly string[] {
    this.#allocator.recoverResources(
      { frameworkId: frameworkId(id), agentId: agentId(agent), resources, filters },
      this.#nowMs,
    );
    return [];
  }

  #play(): readonly string[] {
    const lines: string[] = [];
    for (let launched = true; launched;) {
      launched = false;
      for (const { frameworkId: id, agentId: agent, role, resources } of this.#run()) {
        const needs = this.#needs.get(id) ?? Resources.EMPTY;
        const fits = resources.contains(needs.allocate(role));
        launched ||= fits;
        this.#giveBack([id, agent], fits ? needs : Resources.EMPTY, ['refuse', fits ? '0' : '60']);
        lines.push(
          fits
            ? `${id} launches ${String(needs)} on ${agent}; ${this.#shares(role)}; free ${String(this.#allocator.available(agent))}`
            : `${id} cannot use ${String(resources.unallocate())} of ${agent}`,
        );
      }
    }
    return lines;
  }

  #shares(role: string): string {
    const members = [...this.#roles].filter(([, roles]) => roles.includes(role));
    const shares = members.map(([id]) => this.#allocator.share(role, frameworkId(id)));
    const parts = members.map(([id], index) => `${id} ${fraction(shares[index] ?? 0)}`);
    const whole = `${role} ${fraction(this.#allocator.share(role))}`;
    return parts.length > 0 ? `${whole}: ${parts.join(', ')}` : whole;
  }

  #wait(text: string): void {
    const duration = parseDuration(text);
    if (!duration.ok) throw new Error(duration.error);
    this.#nowMs += duration.value;
  }
}

const orNobody = (offers: readonly string[]): readonly string[] =>
  offers.length > 0 ? offers : ['nobody is offered anything'];

const fraction = (share: number): string => String(Number(share.toFixed(3)));

const printOffer = ({ frameworkId: id, role, agentId: agent, resources }: Allocation): string =>
  `${id} is offered ${String(resources.unallocate())} of ${agent} in ${role}`;

const minimums = (text: string): readonly ResourceQuantities[] =>
  text.split('|').map((one) => {
    const quantities = ResourceQuantities.parse(one);
    if (!quantities.ok) throw new Error(quantities.error);
    return quantities.value;
  });
