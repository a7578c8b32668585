import type { Millis } from '../clock.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Longest frame that is accepted from a peer or sent to one. */
export const FRAME_BYTES_MAX = 16 * MIB;
/** Longest body of a message; the rest of a frame holds its head. */
export const MESSAGE_BYTES_MAX = FRAME_BYTES_MAX - 16 * KIB;
/** A batch is sent when it has grown to this, also before the end of a run-queue slice. */
export const BATCH_BYTES_MAX = 64 * KIB;
/** Longer bodies travel in a frame of their own, copied once. */
export const BATCHED_BODY_BYTES_MAX = 32 * KIB;

/** Longest process id or message name. */
export const TEXT_BYTES_MAX = 4 * KIB;
/** Texts that one direction of a link may have interned; then its table starts afresh. */
export const INTERNED_TEXTS_MAX = 65_536;
/** The same in bytes. */
export const INTERNED_BYTES_MAX = 8 * MIB;

/** A connection that holds this much gets no further frames until some have left. */
export const SOFT_BUFFERED_BYTES = MIB;
/** A link with this much waiting to leave is broken. */
export const QUEUED_BYTES_MAX = 64 * MIB;
/**
 * The same in messages. They wait as encoded bytes, so this bounds no memory that the cap in bytes
 * does not: it is above what one handler sends at once (a reconciliation of 200,000 tasks).
 */
export const QUEUED_MESSAGES_MAX = 1_000_000;
/** Messages that wait while there is no connection yet; over it they are lost together. */
export const OUTBOX_BYTES_MAX = QUEUED_BYTES_MAX;
export const OUTBOX_MESSAGES_MAX = 250_000;

/** Messages from one link that wait in mailboxes before its peer is held back ... */
export const INBOUND_MESSAGES_HIGH = 32_768;
/** ... and the same in bytes. It is let go again at half of both. */
export const INBOUND_BYTES_HIGH = 32 * MIB;

/**
 * Frames that are not whole yet, on all connections of a network and on those with one IP: bytes held for them. The
 * connection that brings more is closed.
 */
export const UNFINISHED_BYTES_MAX = 256 * MIB;
export const UNFINISHED_BYTES_PER_IP_MAX = 64 * MIB;
/**
 * What must come of an unfinished frame from one look for silence to the next: 26 KB/s. After as many looks as a
 * silent link has, one that brings less is broken.
 */
export const UNFINISHED_GROWTH_BYTES_MIN = 256 * KIB;

/** How long an upgrade may take; a lower address refuses its peer's dial for no longer. */
export const DIAL_TIMEOUT_MS: Millis = 5_000;
/** How long a failed address is left alone before what has been sent meanwhile is tried. */
export const REDIAL_AFTER_FAILURE_MS: Millis = 500;
/** A link that breaks sooner than this counts as a failed dial. */
export const SHORT_LIVED_MS: Millis = 100;
/** How long the peer that refused our dial may take to make its own: from, to. */
export const YIELD_MS_MIN: Millis = 200;
export const YIELD_MS_MAX: Millis = 400;
/** How often a silent link is pinged. */
export const PING_INTERVAL_MS: Millis = 10_000;
/** Intervals without any sign of life that end a link. */
export const SILENT_INTERVALS_MAX = 3;
/** How long a link that may be half open has to answer a ping when `reconnect` was asked for. */
export const PROBE_TIMEOUT_MS: Millis = 1_000;

/** Peers, dialled or dialling in, of one node. */
export const PEERS_MAX = 120_000;
/** Peers without a connection, and former lives of others, whose last dials are remembered. */
export const FORMER_PEERS_MAX = 10_000;

/** How long an idle peer is remembered to speak the POST form only. */
export const POST_FORM_MS: Millis = 60_000;
/** Peers remembered for having sent POSTs. */
export const POST_SPEAKERS_MAX = 10_000;
/** POSTs to one peer that may be unanswered. */
export const UNANSWERED_POSTS_MAX = 1_000_000;
/** Longest head of an answer that is read. */
export const REPLY_HEAD_BYTES_MAX = 64 * KIB;

/** `traceparent`, a blank and `tracestate`, at their longest. */
export const TRACE_BYTES_MAX = 1_024;
