import { MalformedMessageError } from './errors.ts';

/** The names and numbers of an enum. In memory and in JSON a value is its name. */
export class EnumTable<Name extends string> {
  readonly fullName: string;
  readonly names: readonly Name[];
  readonly #byName: ReadonlyMap<string, number>;
  readonly #byNumber: ReadonlyMap<number, Name>;

  constructor(fullName: string, numbers: Readonly<Record<Name, number>>) {
    const entries = Object.entries(numbers) as [Name, number][];
    this.fullName = fullName;
    this.names = entries.map(([name]) => name);
    this.#byName = new Map(entries);
    this.#byNumber = new Map(entries.map(([name, number]) => [number, name]));
  }

  /** Undefined for a number that this version does not know. */
  name(number: number): Name | undefined {
    return this.#byNumber.get(number);
  }

  number(name: Name): number {
    const number = this.#byName.get(name);
    if (number === undefined) {
      throw new MalformedMessageError(`'${name}' is not a value of ${this.fullName}`);
    }
    return number;
  }

  has(name: string): name is Name {
    return this.#byName.has(name);
  }
}
