import type { Request, Response } from '../http.ts';
import { forbidden } from '../responses.ts';
import { plainEndpoint } from './plain-endpoint.ts';

/** Decides on requests before anything else looks at them. Must not throw. */
export interface FirewallRule {
  /**
   * The answer that refuses the request, or undefined. Its path is in plain spelling: decoded, without
   * slashes to spare, with the delegate's id; `endpoint` is the route that would serve it, if there is one.
   */
  apply(request: Request, endpoint: string | undefined): Response | undefined;
}

/** Closes endpoints, such as `/master/teardown`. No patterns; what an endpoint serves below it is closed too. */
export class DisabledEndpointsFirewallRule implements FirewallRule {
  readonly #paths: ReadonlySet<string>;

  constructor(paths: Iterable<string>) {
    this.#paths = new Set([...paths].map(plainEndpoint));
  }

  apply({ path }: Request, endpoint: string | undefined): Response | undefined {
    const closed = [path, endpoint].find((each) => each !== undefined && this.#paths.has(each));
    return closed === undefined ? undefined : forbidden(`Endpoint '${closed}' is disabled`);
  }
}
