import { MesosError } from '../../common/errors.ts';
import type { Millis } from '../../libprocess/clock.ts';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import { Process } from '../../libprocess/process.ts';
import { Registry, type MasterInfo } from '../../proto/index.ts';
import { recoverMaster, type Outcome, type RegistryOperation } from './operations.ts';
import { RegistryState } from './registry-state.ts';
import type { Entry, SetOutcome, Storage } from './storage.ts';

/** The name that the registry is stored under. */
export const REGISTRY_NAME = 'registry';
/** Mesos: `--registry_fetch_timeout` and `--registry_store_timeout`. */
export const REGISTRY_FETCH_TIMEOUT_MS: Millis = 60_000;
export const REGISTRY_STORE_TIMEOUT_MS: Millis = 20_000;

/** The registry cannot be read or written: the master must end. */
export class RegistrarError extends MesosError {
  constructor(what: string, cause?: unknown) {
    super('MESOS_REGISTRAR_FAILED', what, cause);
  }
}

export interface RegistrarOptions {
  readonly storage: Storage;
  readonly fetchTimeoutMs?: Millis;
  readonly storeTimeoutMs?: Millis;
  /** Nobody knows what is stored now, or another master leads: this one must end. Called once. */
  readonly onFatal: (error: RegistrarError) => void;
}

interface Queued {
  readonly operation: RegistryOperation;
  readonly promise: FuturePromise<Outcome>;
}

/**
 * Keeps the registry: operations are applied in the order they came, and each is answered when what it
 * did is stored. While one write is under way the next ones gather: a batch is one write.
 */
export class RegistrarProcess extends Process {
  readonly #options: RegistrarOptions;
  #recovering: Future<Registry> | undefined;
  #registry: RegistryState | undefined;
  #version: string | undefined;
  #epoch = 0;
  #queue: Queued[] = [];
  #storing = false;
  #failure: RegistrarError | undefined;

  constructor(options: RegistrarOptions) {
    super('registrar');
    this.#options = options;
  }

  /** Reads the registry and stores that this master leads, with the next epoch. Once. */
  recover(master: MasterInfo): Future<Registry> {
    if (this.#recovering) return this.#recovering;
    const recovered = new FuturePromise<Registry>();
    this.#recovering = recovered.future;
    const { storage, fetchTimeoutMs = REGISTRY_FETCH_TIMEOUT_MS } = this.#options;
    this.#within(fetchTimeoutMs, 'fetch the registry', storage.get(REGISTRY_NAME))
      .then((entry) => this.#fetched(entry, master))
      .onAny((done) => {
        if (done.isReady) recovered.set(done.value);
        else recovered.fail(this.#fail('fetch the registry', done.error));
      });
    return recovered.future;
  }

  /** Applies an operation; ready when that is durable. Fails before `recover` and after a failure. */
  apply(operation: RegistryOperation): Future<Outcome> {
    if (this.#failure) return Future.failed(this.#failure);
    if (!this.#recovering) {
      const why = `Failed to apply '${operation.name}': the registry is not recovered`;
      return Future.failed(new RegistrarError(why));
    }
    const promise = new FuturePromise<Outcome>();
    this.#queue.push({ operation, promise });
    this.#storeSoon();
    return promise.future;
  }

  protected override finalize(): void {
    for (const { promise } of this.#queue) promise.abandon();
  }

  #fetched(entry: Entry | undefined, master: MasterInfo): Future<Registry> {
    const stored = entry ? Registry.decode(entry.value) : {};
    const registry = new RegistryState(stored);
    this.#version = entry?.version;
    this.#epoch = Math.max(entry?.epoch ?? 0, stored.epoch ?? 0) + 1;
    const promise = new FuturePromise<Outcome>();
    // Before what others have asked for meanwhile.
    this.#queue.unshift({ operation: recoverMaster(master, this.#epoch), promise });
    this.#registry = registry;
    this.#storeSoon();
    return promise.future.then(() => registry.toRegistry());
  }

  /** At the end of the turn's work: all that other actors ask for meanwhile goes into one write. */
  #storeSoon(): void {
    if (this.#storing || !this.#registry || this.#failure) return;
    this.#storing = true;
    this.defer(() => this.#store())();
  }

  #store(): void {
    const registry = this.#registry;
    if (!registry) return;
    const batch = this.#queue;
    this.#queue = [];
    const outcomes = batch.map(({ operation }) => operation.apply(registry));
    const answer = (): void => {
      for (const [index, outcome] of outcomes.entries()) batch[index]?.promise.set(outcome);
    };
    if (outcomes.every((outcome) => outcome.kind !== 'changed')) {
      answer();
      this.#storing = false;
      return;
    }
    const version = this.runtime.random.uuid();
    const entry = {
      name: REGISTRY_NAME,
      version,
      epoch: this.#epoch,
      chunks: registry.encode(),
      operations: batch.map(({ operation }) => operation.name),
    };
    const { storage, storeTimeoutMs = REGISTRY_STORE_TIMEOUT_MS } = this.#options;
    this.#within(storeTimeoutMs, 'store the registry', storage.set(entry, this.#version)).onAny(
      (done) => {
        if (done.isReady && done.value === 'stored') {
          this.#version = version;
          answer();
          this.#storing = false;
          if (this.#queue.length > 0) this.#storeSoon();
        } else {
          const cause = done.isReady ? refusalOf(done.value) : done.error;
          const error = this.#fail('store the registry', cause);
          for (const { promise } of batch) promise.fail(error);
        }
      },
    );
  }

  /** The outcome of `promise`, in a turn of this process, or a failure when the time is over. */
  #within<T>(timeoutMs: Millis, what: string, promise: PromiseLike<T>): Future<T> {
    const outcome = new FuturePromise<T>();
    const timer = this.delay(timeoutMs, () =>
      outcome.fail(new RegistrarError(`Failed to ${what} within ${timeoutMs} ms`)),
    );
    Future.from(promise).onAny(
      this.defer((done: Future<T>) => {
        timer[Symbol.dispose]();
        outcome.associate(done);
      }),
    );
    return outcome.future;
  }

  /** Nothing is tried after a failure: what is stored now, nobody knows. */
  #fail(what: string, cause: unknown): RegistrarError {
    if (this.#failure) return this.#failure;
    const why = cause instanceof Error ? cause.message : String(cause);
    const error = new RegistrarError(`Failed to ${what}: ${why}`, cause);
    this.#failure = error;
    const waiting = this.#queue;
    this.#queue = [];
    for (const { promise } of waiting) promise.fail(error);
    this.#options.onFatal(error);
    return error;
  }
}

function refusalOf(outcome: SetOutcome): string {
  return outcome === 'fenced'
    ? 'a later leader has written it'
    : 'another master has written it meanwhile';
}
