import { Future } from '../../libprocess/future.ts';
import type { Registrar, RegistryOperation } from '../../master/registrar/registrar.ts';
import type { MasterInfo, Registry, SlaveID, SlaveInfo, TimeInfo } from '../../proto/index.ts';

/**
 * A registry that is durable as long as the test holds it: give it to one master after another.
 * `hold` keeps operations from completing until they are released, as a slow disk would.
 */
export class MemoryRegistrar implements Registrar {
  readonly admitted = new Map<string, SlaveInfo>();
  readonly unreachable = new Map<string, TimeInfo>();
  readonly gone = new Map<string, TimeInfo>();
  readonly operations: RegistryOperation[] = [];
  #held: (() => void)[] | undefined;

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const proceed of held) proceed();
  }

  recover(info: MasterInfo): Future<Registry> {
    return Future.ready({
      master: { info },
      slaves: { slaves: [...this.admitted.values()].map((one) => ({ info: one })) },
      unreachable: { slaves: listOf(this.unreachable) },
      gone: { slaves: listOf(this.gone) },
    });
  }

  apply(operation: RegistryOperation): Future<boolean> {
    this.operations.push(operation);
    if (!this.#held) return Future.ready(this.#mutate(operation));
    return Future.from(
      new Promise<boolean>((resolve) => {
        this.#held?.push(() => {
          resolve(this.#mutate(operation));
        });
      }),
    );
  }

  #mutate(operation: RegistryOperation): boolean {
    switch (operation.kind) {
      case 'admitSlave':
        if (this.#knows(idOf(operation.info))) return false;
        this.admitted.set(idOf(operation.info), operation.info);
        return true;
      case 'updateSlave':
        this.admitted.set(idOf(operation.info), operation.info);
        return true;
      case 'removeSlave':
        return this.admitted.delete(operation.id.value);
      case 'markSlaveUnreachable':
        this.unreachable.set(operation.id.value, operation.since);
        return this.admitted.delete(operation.id.value);
      case 'markSlaveReachable':
        this.unreachable.delete(idOf(operation.info));
        this.admitted.set(idOf(operation.info), operation.info);
        return true;
      case 'markSlaveGone':
        this.admitted.delete(operation.id.value);
        this.unreachable.delete(operation.id.value);
        this.gone.set(operation.id.value, operation.since);
        return true;
      case 'prune':
        for (const { value } of operation.unreachable) this.unreachable.delete(value);
        for (const { value } of operation.gone) this.gone.delete(value);
        return true;
    }
  }

  #knows(id: string): boolean {
    return this.admitted.has(id) || this.unreachable.has(id) || this.gone.has(id);
  }
}

const idOf = ({ id }: SlaveInfo): string => id?.value ?? '';

const listOf = (
  since: ReadonlyMap<string, TimeInfo>,
): readonly { readonly id: SlaveID; readonly timestamp: TimeInfo }[] =>
  [...since].map(([value, timestamp]) => ({ id: { value }, timestamp }));
