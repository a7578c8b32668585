import { parseDuration, printDuration } from '../../libprocess/duration.ts';
import { canonicalIp } from '../../libprocess/ip.ts';
import type { Millis } from '../../libprocess/index.ts';
import { refusal, success, type Result } from '../../common/result.ts';

/** How the text of a flag is read. */
export interface FlagType<T> {
  readonly parse: (text: string) => Result<T>;
  /** What help shows behind `=`. */
  readonly placeholder: string;
  /** Switches take no value: `--x`, `--no-x`. */
  readonly isSwitch?: boolean;
  /** A bare `/path` stands for what the file holds, too: Mesos's form of before `file://`. */
  readonly takesPath?: boolean;
}

export const TEXT: FlagType<string> = { placeholder: 'TEXT', parse: success };

export const PATH: FlagType<string> = {
  placeholder: 'PATH',
  parse: (text) => (text === '' ? refusal('Expecting a path') : success(text)),
};

export const SWITCH: FlagType<boolean> = {
  placeholder: 'true|false',
  isSwitch: true,
  parse: (text) => {
    if (text === 'true' || text === '1') return success(true);
    if (text === 'false' || text === '0') return success(false);
    return refusal('Expecting a boolean (true or false)');
  },
};

export const DURATION: FlagType<Millis> = {
  placeholder: 'DURATION',
  parse: (text) => {
    const parsed = parseDuration(text);
    // The commonest mistake is a bare number.
    if (parsed.ok || !/^\d+$/.test(text)) return parsed;
    return refusal(`Invalid duration '${text}': it lacks a unit, as in '${text}secs'`);
  },
};

/** A duration with bounds, both of them allowed. */
export const durationBetween = (minMs: Millis, maxMs: Millis): FlagType<Millis> => ({
  ...DURATION,
  parse: (text) => {
    const parsed = DURATION.parse(text);
    if (!parsed.ok || (parsed.value >= minMs && parsed.value <= maxMs)) return parsed;
    return refusal(`Expecting ${printDuration(minMs)} to ${printDuration(maxMs)}, not '${text}'`);
  },
});

/** A whole number within bounds, both of them allowed. */
export const wholeNumber = (
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): FlagType<number> => ({
  placeholder: 'N',
  parse: (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return success(value);
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
    return refusal(`Expecting a whole number ${range}, not '${text}'`);
  },
});

const PORT_MAX = 65_535;
/** 0 is any free port. */
export const PORT = wholeNumber(0, PORT_MAX);
/** One that others are told. */
export const KNOWN_PORT = wholeNumber(1, PORT_MAX);

/** A literal address: a name is none, since it may have several. */
export const IP: FlagType<string> = {
  placeholder: 'IP',
  parse: (text) => {
    const ip = canonicalIp(text);
    return ip === undefined ? refusal(`Expecting an IP address, not '${text}'`) : success(ip);
  },
};

export const IP6: FlagType<string> = {
  ...IP,
  parse: (text) =>
    text.includes(':') ? IP.parse(text) : refusal(`Expecting an IPv6 address, not '${text}'`),
};

/** A number from 0 to 1. */
export const FRACTION: FlagType<number> = {
  placeholder: 'FRACTION',
  parse: (text) => {
    const value = Number(text);
    const valid = text.trim() !== '' && value >= 0 && value <= 1;
    return valid ? success(value) : refusal(`Expecting a number from 0 to 1, not '${text}'`);
  },
};

/** A share such as `100%`, as a fraction. */
export const PERCENTAGE: FlagType<number> = {
  placeholder: 'N%',
  parse: (text) => {
    const value = Number(text.slice(0, -1));
    const valid = /^\d+(\.\d+)?%$/.test(text) && value <= 100;
    return valid ? success(value / 100) : refusal(`Expecting 0% to 100%, not '${text}'`);
  },
};

/** One of a few words. */
export const oneOf = <const T extends string>(...words: readonly T[]): FlagType<T> => ({
  placeholder: words.join('|'),
  parse: (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined
      ? refusal(`Expecting ${words.map((each) => `'${each}'`).join(' or ')}, not '${text}'`)
      : success(word);
  },
});
