import { refusal, success, type Result } from './result.ts';
import { printMilli, type Milli } from './scalars.ts';
import { parseValue } from './values.ts';

export interface Quantity {
  readonly name: string;
  readonly milli: Milli;
}

/**
 * How much there is of each kind, whatever its reservation, disk or allocation: scalars are summed,
 * ranges and sets counted. A name that is absent means none of it. Immutable, sorted by name.
 */
export class ResourceQuantities {
  static readonly EMPTY = new ResourceQuantities([]);

  readonly quantities: readonly Quantity[];

  private constructor(quantities: readonly Quantity[]) {
    this.quantities = quantities;
  }

  /** Amounts of one name are summed; those of nothing are dropped. */
  static of(quantities: Iterable<Quantity>): ResourceQuantities {
    const sums = new Map<string, Milli>();
    for (const { name, milli } of quantities) sums.set(name, (sums.get(name) ?? 0) + milli);
    const sorted = [...sums]
      .filter(([, milli]) => milli > 0)
      .map(([name, milli]) => ({ name, milli }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return sorted.length === 0 ? ResourceQuantities.EMPTY : new ResourceQuantities(sorted);
  }

  /** `cpus:0.01;mem:32`. Scalars only, each name once more is summed. */
  static parse(text: string): Result<ResourceQuantities> {
    const quantities: Quantity[] = [];
    for (const token of text.split(';')) {
      if (token.trim() === '') continue;
      const quantity = parseQuantity(token);
      if (!quantity.ok) return quantity;
      quantities.push(quantity.value);
    }
    return success(ResourceQuantities.of(quantities));
  }

  get isEmpty(): boolean {
    return this.quantities.length === 0;
  }

  milli(name: string): Milli {
    return this.quantities.find((quantity) => quantity.name === name)?.milli ?? 0;
  }

  plus(other: ResourceQuantities): ResourceQuantities {
    return ResourceQuantities.of([...this.quantities, ...other.quantities]);
  }

  /** Never below zero. */
  minus(other: ResourceQuantities): ResourceQuantities {
    return ResourceQuantities.of(
      this.quantities.map(({ name, milli }) => ({ name, milli: milli - other.milli(name) })),
    );
  }

  contains(other: ResourceQuantities): boolean {
    return other.quantities.every(({ name, milli }) => this.milli(name) >= milli);
  }

  equals(other: ResourceQuantities): boolean {
    return this.contains(other) && other.contains(this);
  }

  /** `cpus:4; mem:4096`, and `{}` for nothing. */
  toString(): string {
    if (this.isEmpty) return '{}';
    return this.quantities.map(({ name, milli }) => `${name}:${printMilli(milli)}`).join('; ');
  }
}

function parseQuantity(token: string): Result<Quantity> {
  const [name = '', text, ...rest] = token.split(':').map((part) => part.trim());
  if (name === '' || text === undefined || rest.length > 0) {
    return refusal(`Failed to parse '${token}': expecting 'name:amount'`);
  }
  const value = parseValue(text);
  if (!value.ok) return refusal(`Failed to parse '${token}': ${value.error}`);
  if (value.value.type !== 'SCALAR') {
    return refusal(`Failed to parse '${token}': only scalar amounts are allowed`);
  }
  if (value.value.milli < 0) return refusal(`Failed to parse '${token}': the amount is negative`);
  return success({ name, milli: value.value.milli });
}
