import { MalformedMessageError } from './errors.ts';

/** The names and numbers of an enum. In memory and in v0 JSON a value is its name. */
export class EnumTable<Name extends string> {
  readonly fullName: string;
  readonly names: readonly Name[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #names: readonly (Name | undefined)[];
  readonly #v1Names: ReadonlyMap<string, string>;
  readonly #spellings: ReadonlyMap<string, Name>;

  /** `v1Names` has the names that the v1 API spells differently. */
  constructor(
    fullName: string,
    numbers: Readonly<Record<Name, number>>,
    v1Names: Readonly<Record<string, string>> = {},
  ) {
    const entries = Object.entries(numbers) as [Name, number][];
    const renamed = Object.entries(v1Names) as [Name, string][];
    this.fullName = fullName;
    this.names = entries.map(([name]) => name);
    this.#numbers = new Map(entries);
    const names: (Name | undefined)[] = [];
    for (const [name, number] of entries) names[number] = name;
    this.#names = names;
    this.#v1Names = new Map(renamed);
    this.#spellings = new Map([
      ...this.names.map((name): [string, Name] => [name, name]),
      ...renamed.map(([name, v1Name]): [string, Name] => [v1Name, name]),
    ]);
  }

  /** Undefined for a number that this version does not know. */
  name(number: number): Name | undefined {
    return this.#names[number];
  }

  number(name: Name): number {
    const number = this.#numbers.get(name);
    if (number === undefined) {
      throw new MalformedMessageError(`'${name}' is not a value of ${this.fullName}`);
    }
    return number;
  }

  v1Name(name: Name): string {
    return this.#v1Names.get(name) ?? name;
  }

  /** Reads either spelling; undefined for a name that this version does not know. */
  parse(text: string): Name | undefined {
    return this.#spellings.get(text);
  }
}
