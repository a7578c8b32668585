import { attempt, Future } from '../../future.ts';
import { Break, Continue, loop, type ControlFlow } from '../../futures/loop.ts';
import type { Request } from '../http.ts';
import type { AuthenticationResult, Authenticator } from './authenticator.ts';

interface Outcome {
  readonly scheme: string;
  readonly result: AuthenticationResult | { readonly kind: 'failed'; readonly error: unknown };
}

/**
 * Asks several authenticators in their order until one knows the principal. If none does, all their
 * challenges are given, in that order; failing that a 403, failing that the first failure.
 */
export class CombinedAuthenticator implements Authenticator {
  readonly scheme: string;
  readonly #authenticators: readonly Authenticator[];

  constructor(authenticators: readonly Authenticator[]) {
    this.#authenticators = authenticators;
    this.scheme = authenticators.map(({ scheme }) => scheme).join(' ');
  }

  authenticate(request: Request): Future<AuthenticationResult> {
    const outcomes: Outcome[] = [];
    const left = this.#authenticators.values();
    return loop(
      () => left.next(),
      ({ value: next }): Flow | Future<Flow> => {
        if (!next) return combined(outcomes);
        const { scheme } = next;
        return attempt(() => next.authenticate(request))
          .then((result): Flow => {
            outcomes.push({ scheme, result });
            return result.kind === 'authenticated' ? Break(result) : Continue();
          })
          .repair((error): Flow => {
            outcomes.push({ scheme, result: { kind: 'failed', error } });
            return Continue();
          });
      },
    );
  }
}

type Flow = ControlFlow<AuthenticationResult>;

/** Fails as the first did if nobody has an answer. */
function combined(outcomes: readonly Outcome[]): Flow | Future<Flow> {
  const challenges: string[] = [];
  const bodies: Record<'unauthorized' | 'forbidden', string[]> = {
    unauthorized: [],
    forbidden: [],
  };
  let failure: unknown;
  let forbidden = false;
  for (const { scheme, result } of outcomes) {
    if (result.kind === 'failed') failure ??= result.error;
    if (result.kind === 'unauthorized') challenges.push(...result.challenges);
    if (result.kind === 'forbidden') forbidden = true;
    if (result.kind !== 'unauthorized' && result.kind !== 'forbidden') continue;
    if (result.body)
      bodies[result.kind].push(`"${scheme}" authenticator returned:\n${result.body}`);
  }
  const told = (kind: 'unauthorized' | 'forbidden'): { body?: string } =>
    bodies[kind].length === 0 ? {} : { body: bodies[kind].join('\n\n') };
  if (challenges.length > 0) {
    return Break({ kind: 'unauthorized', challenges, ...told('unauthorized') });
  }
  if (!forbidden && failure !== undefined) return Future.failed(failure);
  return Break({ kind: 'forbidden', ...told('forbidden') });
}
