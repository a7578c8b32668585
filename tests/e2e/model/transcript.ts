import type { MessageType } from '../../../libprocess/message.ts';
import type { TraceLine } from '../../../libprocess/trace-line.ts';
import {
  RunTaskMessage,
  scheduler,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
} from '../../../proto/index.ts';

type MessageLine = Extract<TraceLine, { body: string }>;

const bytesOf = ({ body }: MessageLine): Uint8Array => Buffer.from(body, 'base64');

/** The messages of one type. */
export const messagesOf = <M>(
  lines: readonly TraceLine[],
  kind: 'sent' | 'delivered',
  type: MessageType<M>,
): { readonly to: string; readonly body: M }[] =>
  lines
    .filter((line): line is MessageLine => line.kind === kind && line.name === type.fullName)
    .map((line) => ({ to: line.to, body: type.decode(bytesOf(line)) }));

/** When they come is a matter of clocks. */
const BY_THE_CLOCK: ReadonlySet<string> = new Set([
  'mesos.internal.PingSlaveMessage',
  'mesos.internal.PongSlaveMessage',
  'mesos.internal.ResourceOffersMessage',
  'mesos.internal.RescindResourceOfferMessage',
]);

/** Said again, and answered again, by a clock until it is heard. */
const REGISTRATIONS = /^(Call SUBSCRIBE|UpdateFrameworkMessage|\w*(Reg|Rereg)ister\w+)$/;

/**
 * What each actor has said to each other, in order, without ids and times. What is repeated until it is
 * heard counts once: registrations while nothing else is said, and updates, which an agent that was killed
 * may say once more than it had to.
 */
export function transcript(lines: readonly TraceLine[]): Record<string, readonly string[]> {
  const said = new Map<string, { words: string[]; heard: Set<string> }>();
  for (const line of lines) {
    if (line.kind !== 'sent' || BY_THE_CLOCK.has(line.name)) continue;
    const { what, uuid } = contentOf(line);
    if (what === 'Call DECLINE') continue;
    const pair = `${roleOf(line.from)} → ${roleOf(line.to)}`;
    const { words, heard } = said.get(pair) ?? { words: [], heard: new Set<string>() };
    said.set(pair, { words, heard });
    const isRegistration = REGISTRATIONS.test(what);
    if (!isRegistration) for (const each of heard) if (REGISTRATIONS.test(each)) heard.delete(each);
    const key = isRegistration ? what.replace('Rereg', 'Reg') : uuid && `${what} ${uuid}`;
    if (key !== undefined && heard.has(key)) continue;
    if (key !== undefined) heard.add(key);
    words.push(what);
  }
  return Object.fromEntries(
    [...said]
      .map(([pair, { words }]) => [pair, words] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const roleOf = (upid: string): string => /^[a-z]+/.exec(upid)?.[0] ?? upid;

interface Content {
  readonly what: string;
  /** Of the update that it is about. */
  readonly uuid?: string | undefined;
}

function contentOf(line: MessageLine): Content {
  const short = line.name.replace(/^mesos\.(internal\.|scheduler\.)?/, '');
  const bytes = bytesOf(line);
  switch (line.name) {
    case StatusUpdateMessage.fullName: {
      const { status, uuid } = StatusUpdateMessage.decode(bytes).update;
      return { what: `${short} ${status.task_id.value} ${status.state}`, uuid: hex(uuid) };
    }
    case StatusUpdateAcknowledgementMessage.fullName:
      return { what: short, uuid: hex(StatusUpdateAcknowledgementMessage.decode(bytes).uuid) };
    case RunTaskMessage.fullName:
      return { what: `${short} ${RunTaskMessage.decode(bytes).task.task_id.value}` };
    case scheduler.Call.fullName: {
      const { type, acknowledge } = scheduler.Call.decode(bytes);
      return { what: `${short} ${String(type)}`, uuid: hex(acknowledge?.uuid) };
    }
    default:
      return { what: short };
  }
}

const hex = (uuid?: Uint8Array): string | undefined =>
  uuid && uuid.length > 0 ? Buffer.from(uuid).toString('hex') : undefined;
