import { RuntimeError } from './errors.ts';
import { httpEvent, type Route } from './event.ts';
import { Future, FuturePromise } from './future.ts';
import { Sequence } from './futures/sequence.ts';
import type { Admission, HttpAccess } from './http/access/http-access.ts';
import type { Request, Response } from './http/http.ts';
import { ADMISSION_TIMEOUT_MS } from './http/limits.ts';
import { percentDecoded } from './http/percent.ts';
import { internalServerError, notFound, serviceUnavailable } from './http/responses.ts';
import type { Mailbox } from './mailbox.ts';
import type { PID } from './pid.ts';
import { ROUTES } from './plumbing.ts';
import type { Process } from './process.ts';

/** The authenticator of a realm, or an authorization callback, has come to no result. */
export class AdmissionTimeoutError extends RuntimeError {
  constructor(endpoint: string) {
    const limit = `within ${ADMISSION_TIMEOUT_MS / 1_000} s`;
    super('ADMISSION_TIMEOUT', `Failed to find out ${limit} who may request '${endpoint}'`);
  }
}

export interface HttpRouterOptions {
  readonly access: HttpAccess;
  readonly find: (id: string) => Mailbox | undefined;
  readonly delegate: () => string | undefined;
  /** An authenticator or an authorization callback failed. */
  readonly failed: (pid: PID<Process>, error: unknown) => void;
}

/** Brings requests to the processes of a node: through firewall and access, in their order. */
export class HttpRouter {
  readonly #options: HttpRouterOptions;
  /** Those of processes that have requests which are being looked at. */
  readonly #gates = new Map<Mailbox, Gate>();

  constructor(options: HttpRouterOptions) {
    this.#options = options;
  }

  answer(request: Request): Future<Response> {
    const target = this.#target(request.path);
    const { access } = this.#options;
    const plain = target ? { ...request, path: target.path } : request;
    const refusal = this.#refusal(plain, target);
    if (refusal) return Future.ready(refusal);
    if (!target?.route) return Future.ready(notFound());
    const { mailbox, route, endpoint } = target;
    const promise = new FuturePromise<Response>();
    const looked = access.admission(request, { realm: route.options.realm, path: endpoint });
    const admission = looked?.isPending ? this.#bounded(looked, target) : looked;
    const admit = (admitted: Admission): void => {
      admitTo(mailbox, route, { admitted, request, promise });
    };
    const gate = this.#gates.get(mailbox);
    if (admission) this.#wait(mailbox, { promise, admission, admit });
    else if (gate) this.#wait(mailbox, { promise, admission: NOBODY, admit });
    else admit({ kind: 'admitted', principal: undefined });
    return promise.future;
  }

  /** A rule that throws lets nothing through. */
  #refusal(request: Request, target: Target | undefined): Response | undefined {
    try {
      return this.#options.access.refusal(request, target?.endpoint);
    } catch (error) {
      if (target) this.#options.failed(target.mailbox.pid, error);
      return internalServerError();
    }
  }

  streams(request: Request): boolean {
    return this.#target(request.path)?.route?.options.requestStreaming ?? false;
  }

  realm(request: Request): string | undefined {
    return this.#target(request.path)?.route?.options.realm;
  }

  /** Whoever is never known must not keep the others from the process. */
  #bounded(admission: Future<Admission>, { mailbox, endpoint }: Target): Future<Admission> {
    return admission.after(mailbox.clock, ADMISSION_TIMEOUT_MS, (late): Admission => {
      late.discard();
      this.#options.failed(mailbox.pid, new AdmissionTimeoutError(endpoint));
      return { kind: 'refused', response: serviceUnavailable() };
    });
  }

  /** Requests to one process stay in order, however long each is looked at; all are looked at at once. */
  #wait(mailbox: Mailbox, { promise, admission, admit }: Waiting): void {
    const gate = this.#gates.get(mailbox) ?? { sequence: new Sequence(), waiting: 0 };
    this.#gates.set(mailbox, gate);
    gate.waiting += 1;
    void gate.sequence
      .add(() => admission)
      .onSettled((done) => {
        gate.waiting -= 1;
        if (gate.waiting === 0) this.#gates.delete(mailbox);
        if (done.isReady) {
          admit(done.value);
          return;
        }
        this.#options.failed(mailbox.pid, done.error);
        promise.set(internalServerError());
      });
  }

  /** A path whose first component names no process belongs to the delegate. */
  #target(path: string): Target | undefined {
    if (path.includes('/..')) return undefined;
    const [first = '', ...rest] = path.slice(1).split('/');
    const id = percentDecoded(first) ?? first;
    const mailbox = this.#options.find(id);
    if (mailbox) return targetIn(mailbox, rest);
    const delegate = this.#options.delegate();
    const served = delegate === undefined ? undefined : this.#options.find(delegate);
    return served && targetIn(served, [first, ...rest]);
  }
}

interface Gate {
  readonly sequence: Sequence;
  waiting: number;
}

interface Waiting {
  readonly promise: FuturePromise<Response>;
  readonly admission: Future<Admission>;
  readonly admit: (admission: Admission) => void;
}

interface Target {
  readonly mailbox: Mailbox;
  /** The request's, in plain spelling, with the id of the process. */
  readonly path: string;
  /** Undefined if nothing serves the path. */
  readonly route: Route | undefined;
  /** `/<id><route>`: what rules and callbacks know it by. */
  readonly endpoint: string;
}

function targetIn(mailbox: Mailbox, components: readonly string[]): Target {
  const { id } = mailbox.pid;
  const decoded = components.map((each) => percentDecoded(each) ?? each);
  const path = `/${[id, ...decoded.filter((each) => each !== '')].join('/')}`;
  // Whoever is not let in by a route must not get around it, to what is served above it, by its spelling.
  const names = decoded.map((each, at) => (each.includes('/') ? components[at] : each));
  const routes = mailbox.process[ROUTES];
  for (let length = components.length; length >= 0; length -= 1) {
    const name = `/${names.slice(0, length).join('/')}`;
    const route = routes.get(name);
    if (route) return { mailbox, path, route, endpoint: name === '/' ? `/${id}` : `/${id}${name}` };
  }
  return { mailbox, path, route: undefined, endpoint: path };
}

interface Arrival {
  readonly admitted: Admission;
  readonly request: Request;
  readonly promise: FuturePromise<Response>;
}

function admitTo(
  mailbox: Mailbox,
  { handler }: Route,
  { admitted, request, promise }: Arrival,
): void {
  if (admitted.kind === 'refused') {
    promise.set(admitted.response);
    return;
  }
  const { principal } = admitted;
  const queued = mailbox.push(httpEvent(request, (asked) => handler(asked, principal), promise));
  if (!queued) promise.set(mailbox.ended ? notFound() : serviceUnavailable());
}

const NOBODY = Future.ready<Admission>({ kind: 'admitted', principal: undefined });
