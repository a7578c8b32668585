import { idProblem } from './validation.ts';
import { refusal, success, type Result } from './result.ts';

declare const brand: unique symbol;

/** A string that has been checked, or made, to be an id of one kind. */
type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type AgentId = Id<'AgentId'>;
export type FrameworkId = Id<'FrameworkId'>;
export type TaskId = Id<'TaskId'>;
export type ExecutorId = Id<'ExecutorId'>;
export type OfferId = Id<'OfferId'>;
export type ContainerId = Id<'ContainerId'>;

/** The wire form of each id: a message with this one field. */
export interface IdMessage {
  readonly value: string;
}

// The brand exists for the compiler only: each function vouches that the text plays this part. Use
// the `parse` functions below for texts that others chose.
export const agentId = (text: string): AgentId => text as AgentId;
export const frameworkId = (text: string): FrameworkId => text as FrameworkId;
export const taskId = (text: string): TaskId => text as TaskId;
export const executorId = (text: string): ExecutorId => text as ExecutorId;
export const offerId = (text: string): OfferId => text as OfferId;
export const containerId = (text: string): ContainerId => text as ContainerId;

export const parseAgentId = (text: string): Result<AgentId> => parse(text, agentId);
export const parseFrameworkId = (text: string): Result<FrameworkId> => parse(text, frameworkId);
export const parseTaskId = (text: string): Result<TaskId> => parse(text, taskId);
export const parseExecutorId = (text: string): Result<ExecutorId> => parse(text, executorId);
export const parseContainerId = (text: string): Result<ContainerId> => parse(text, containerId);

function parse<T>(text: string, make: (text: string) => T): Result<T> {
  const problem = idProblem(text);
  return problem === undefined ? success(make(text)) : refusal(problem);
}

const FRAMEWORK_DIGITS = 4;

/** `<master id>-0000`, the `ordinal`th framework that this master has named. */
export const formatFrameworkId = (masterId: string, ordinal: number): FrameworkId =>
  frameworkId(`${masterId}-${String(ordinal).padStart(FRAMEWORK_DIGITS, '0')}`);

/** `<master id>-S0`. */
export const formatAgentId = (masterId: string, ordinal: number): AgentId =>
  agentId(`${masterId}-S${ordinal}`);

/** `<master id>-O0`; offers and inverse offers count together. */
export const formatOfferId = (masterId: string, ordinal: number): OfferId =>
  offerId(`${masterId}-O${ordinal}`);

/** The id as a message of the wire. */
export const idMessage = (id: string): IdMessage => ({ value: id });
