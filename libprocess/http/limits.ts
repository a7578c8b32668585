import type { Millis } from '../clock.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Longest header block of a request or an answer, and the most lines it may have. */
export const HEADER_BYTES_MAX = 32 * KIB;
export const HEADER_LINES_MAX = 2_000;
/** Longest body of a request that is handed over whole, also after decompression. */
export const REQUEST_BODY_BYTES_MAX = 8 * MIB;
/** Longest body of a libprocess message in the POST form. */
export const MESSAGE_BODY_BYTES_MAX = 64 * MIB;
/** Bodies of all requests that are arriving in this operating-system process. */
export const ARRIVING_BYTES_MAX = 256 * MIB;
/** Bytes that one byte of a compressed body may become: beyond it nobody means well. */
export const GUNZIP_RATIO_MAX = 100;
/** Longest body of an answer that is handed over whole, also after decompression. */
export const ANSWER_BYTES_MAX = 256 * MIB;
/** Answers from this size on are compressed for those who accept it. */
export const GZIP_BYTES_MIN = KIB;
/** Longest line that tells the size of a chunk; as much as Node.js takes of what extends it, which means nothing here. */
export const CHUNK_LINE_BYTES_MAX = 16 * KIB;

/** How long the header of a request may take. */
export const HEADER_TIMEOUT_MS: Millis = 10_000;
/** How long a connection that has carried no libprocess message may do nothing. */
export const IDLE_TIMEOUT_MS: Millis = 60_000;
/** How long the body of a request may take; one that streams may take for ever. */
export const BODY_TIMEOUT_MS: Millis = 300_000;
/** How long it may take until it is known who made a request, and whether they may. */
export const ADMISSION_TIMEOUT_MS: Millis = 30_000;
/** How long a client may read nothing of what waits for it, while no byte comes from it either. */
export const UNREAD_TIMEOUT_MS: Millis = 60_000;
/** Requests of one connection that may wait for their answers. */
export const PIPELINED_REQUESTS_MAX = 10_000;
/** Connections of all clients, and of those with one IP; further ones are closed at once. */
export const CONNECTIONS_MAX = 150_000;
export const CONNECTIONS_PER_IP_MAX = 10_000;

/** A pipe that holds this much asks its writer to wait. */
export const PIPE_BYTES_HIGH = 64 * KIB;
/** A pipe in which more than this waits for a reader is broken: the reader does not read. */
export const PIPE_BYTES_MAX = 64 * MIB;

/** Longest record of a RecordIO stream that is read. */
export const RECORD_BYTES_MAX = 64 * MIB;
