export { InMemoryStorage } from './in-memory/in-memory-storage.ts';
export { LocalLogStorage, type LocalLogOptions } from './local-log/local-log-storage.ts';
export * from './operations.ts';
export {
  REGISTRY_FETCH_TIMEOUT_MS,
  REGISTRY_STORE_TIMEOUT_MS,
  RegistrarError,
  RegistrarProcess,
  type RegistrarOptions,
} from './registrar-process.ts';
export { MASTER_WRITE_POINTS } from './write-points.ts';
export {
  StorageDamagedError,
  StorageUnavailableError,
  type Entry,
  type NewEntry,
  type SetOutcome,
  type Storage,
} from './storage.ts';
