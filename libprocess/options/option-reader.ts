import type { Millis } from '../clock.ts';
import { parseDuration } from '../duration.ts';
import { OptionError } from '../errors.ts';
import { canonicalIp } from '../ip.ts';

/** The environment of an operating-system process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PORT_MAX = 65_535;
/** Timers of Node.js reach no further. */
const SPAN_MS_MAX = 24 * 24 * 3_600_000;

/** Reads options from variables that share a prefix. An empty variable is as good as none. */
export class OptionReader {
  readonly #environment: Environment;
  readonly #prefix: string;

  constructor(environment: Environment, prefix: string) {
    this.#environment = environment;
    this.#prefix = prefix;
  }

  /** `LIBPROCESS_IP` of `ip`. */
  variable(name: string): string {
    return `${this.#prefix}${name.toUpperCase()}`;
  }

  text(name: string): string | undefined {
    const value = this.#environment[this.variable(name)];
    return value === '' ? undefined : value;
  }

  /** `true`, `false`, `1` or `0`. */
  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
    throw this.wrong(name, 'true, 1, false or 0');
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= min && number <= max) return number;
    throw this.wrong(name, `a number from ${min} to ${max}`);
  }

  /** A duration that is not over at once, such as `10secs`. */
  span(name: string): Millis | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = parseDuration(value);
    if (parsed.ok && parsed.value >= 1 && parsed.value <= SPAN_MS_MAX) return parsed.value;
    throw this.wrong(name, 'a duration from 1ms to 24days, such as 10secs');
  }

  /** 0 is any free port; an advertised one must be known. */
  port(name: string, min: 0 | 1): number | undefined {
    return this.integer(name, min, PORT_MAX);
  }

  /** A literal address, without brackets. */
  ip(name: string, family: 'IPv4 or IPv6' | 'IPv6'): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const ip = canonicalIp(value);
    if (ip !== undefined && (family !== 'IPv6' || ip.includes(':'))) return ip;
    throw this.wrong(name, `an ${family} address`);
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((each) => each === value);
    if (found !== undefined) return found;
    throw this.wrong(name, values.join(' or '));
  }

  wrong(name: string, right: string): OptionError {
    const value = this.text(name) ?? '';
    return new OptionError(
      'BAD_OPTION',
      `${this.variable(name)} is '${value}': it must be ${right}`,
    );
  }
}
