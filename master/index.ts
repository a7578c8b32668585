/** The master: who runs what on which agent, and the offers that get there. */
export * from './election/contender.ts';
export * from './flags.ts';
export { MasterProcess, type MasterPhase, type MasterProcessOptions } from './master-process.ts';
export {
  InMemoryStorage,
  LocalLogStorage,
  type LocalLogOptions,
  type Storage,
} from './registrar/index.ts';
export type { Entry, NewEntry, SetOutcome } from './registrar/storage.ts';
export { startMaster, type StartMasterOptions } from './start-master.ts';
