import { parseDuration } from '../duration.ts';
import type { Request, Response } from '../http/http.ts';
import { badRequest, text } from '../http/responses.ts';
import { Process } from '../process.ts';
import { READWRITE_REALM } from '../http/access/http-access.ts';

/** `/logging/toggle`: more log lines for a while (logging.hpp). */
export class LoggingProcess extends Process {
  #original = 0;
  #revert: Disposable | undefined;

  constructor() {
    super('logging');
    this.route('/toggle', (request) => this.#toggle(request), {
      realm: READWRITE_REALM,
      help: {
        summary: 'Sets the logging verbosity level for a specified duration.',
        description: [
          'From level 1 on there are lines of the level `debug`; 0 is what the program was started with.',
          'Without parameters it tells the level.',
          '',
          'Query parameters:',
          '>        level=VALUE          Verbosity level (e.g., 1, 2, 3)',
          '>        duration=VALUE       Duration to keep verbosity level',
          '>                             toggled (e.g., 10secs, 15mins, etc.)',
        ],
        authentication: true,
      },
    });
  }

  protected override initialize(): void {
    this.#original = this.runtime.logger.verbosity;
  }

  protected override finalize(): void {
    this.runtime.logger.verbosity = this.#original;
  }

  #toggle({ query }: Request): Response {
    const { level, duration } = query;
    if (level === undefined) {
      if (duration !== undefined) return badRequest("Expecting 'level=value' in query.\n");
      return text(200, `${this.runtime.logger.verbosity}\n`);
    }
    if (duration === undefined) return badRequest("Expecting 'duration=value' in query.\n");
    if (!/^[+-]?\d{1,9}$/.test(level)) {
      return badRequest(`Failed to convert '${level}' to number.\n`);
    }
    const verbosity = Number(level);
    if (verbosity < 0) return badRequest(`Invalid level '${verbosity}'.\n`);
    if (verbosity < this.#original) return badRequest(`'${verbosity}' < original level.\n`);
    const parsed = parseDuration(duration);
    if (!parsed.ok) return badRequest(`${parsed.error}.\n`);
    this.#revert?.[Symbol.dispose]();
    this.runtime.logger.verbosity = verbosity;
    if (verbosity !== this.#original) {
      this.#revert = this.delay(parsed.value, () => {
        this.runtime.logger.verbosity = this.#original;
      });
    }
    return text(200, '');
  }
}
