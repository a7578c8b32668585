import { jsonDouble } from '../http/json-number.ts';
import { jsonOrJsonp } from '../http/jsonp.ts';
import type { Request, Response } from '../http/http.ts';
import { badRequest } from '../http/responses.ts';
import { Process } from '../process.ts';
import { parseTimeout } from './timeout.ts';

/** `/metrics/snapshot`: the values of all metrics of its node. */
export class MetricsProcess extends Process {
  constructor() {
    super('metrics');
    this.route('/snapshot', (request) => this.#snapshot(request), {
      help: {
        summary: 'The current values of all metrics.',
        description: [
          'Query parameters:',
          '>        timeout=VALUE        What is not known within it is left out: `100ms`, `2secs`.',
          '>        jsonp=VALUE          Wraps the answer in a call of this function.',
        ],
      },
    });
  }

  #snapshot(request: Request): Response | PromiseLike<Response> {
    const asked = request.query['timeout'];
    const timeoutMs = asked === undefined ? undefined : parseTimeout(asked);
    if (asked !== undefined && timeoutMs === undefined) {
      return badRequest(`Invalid timeout '${asked}': Failed to convert '' to number.\n`);
    }
    const { clock } = this.runtime;
    return this.node.metrics
      .snapshot(timeoutMs === undefined ? undefined : { timeoutMs, clock })
      .then((values) => {
        const fields = [...values].map(
          ([key, value]) => `${JSON.stringify(key)}:${jsonDouble(value)}`,
        );
        return jsonOrJsonp(request, `{${fields.join(',')}}`);
      });
  }
}
