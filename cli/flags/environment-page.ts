import { printDuration } from '../../libprocess/duration.ts';
import {
  BODY_TIMEOUT_MS,
  CONNECTIONS_PER_IP_MAX,
  HEADER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  UNREAD_TIMEOUT_MS,
} from '../../libprocess/http/limits.ts';
import { pageTable, type PageRow } from './page-table.ts';

const GENERAL: readonly PageRow[] = [
  ['LIBPROCESS_IP', '127.0.0.1', 'Address to listen on. `--ip` of a daemon wins.'],
  [
    'LIBPROCESS_IP6',
    '',
    'IPv6 address to listen on too, on the same port; alone it is the address of the node.',
  ],
  ['LIBPROCESS_PORT', '0', 'Port to listen on; 0 is any free one. Daemons have `--port`.'],
  [
    'LIBPROCESS_ADVERTISE_IP',
    '',
    'Address that others are told: of a proxy in front of the node, say.',
  ],
  ['LIBPROCESS_ADVERTISE_PORT', '', 'Port that others are told.'],
  [
    'LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH',
    'false',
    'Refuses messages and links whose sender claims another IP than that of its socket.',
  ],
  [
    'LIBPROCESS_HTTP_HOSTS',
    '',
    'Names with a dot, and commas between them, by which clients may call the node besides that of the machine and ' +
      '`--hostname`: of a proxy or an alias in DNS. `*` is any name, and then pages of strangers may read here. Others get 403.',
  ],
  [
    'LIBPROCESS_METRICS_SNAPSHOT_ENDPOINT_RATE_LIMIT',
    '2/1secs',
    'Requests for metrics that are answered in a time; others wait.',
  ],
  [
    'LIBPROCESS_TRACE_FILE',
    '',
    'File for all that processes say and hear. Daemons have `--trace_file`.',
  ],
  [
    'LIBPROCESS_HTTP_HEADER_TIMEOUT',
    printDuration(HEADER_TIMEOUT_MS),
    'How long the header of a request may take; then 408.',
  ],
  [
    'LIBPROCESS_HTTP_BODY_TIMEOUT',
    printDuration(BODY_TIMEOUT_MS),
    'How long its body may take; then the connection is closed.',
  ],
  [
    'LIBPROCESS_HTTP_IDLE_TIMEOUT',
    printDuration(IDLE_TIMEOUT_MS),
    'How long a connection may do nothing between requests, unless it has carried messages of libprocess.',
  ],
  [
    'LIBPROCESS_HTTP_UNREAD_TIMEOUT',
    printDuration(UNREAD_TIMEOUT_MS),
    'How long a client may read nothing of its answer; then it is cut off, and counted as `libprocess/unread_answers`.',
  ],
  [
    'LIBPROCESS_HTTP_CONNECTIONS_PER_IP',
    String(CONNECTIONS_PER_IP_MAX),
    'Connections, links too, that one IP may have, or one IPv6 network of 64 bits; further ones are closed at once, and counted as `libprocess/refused_connections`.',
  ],
  ['LIBPROCESS_ENABLE_PROFILER', 'false', 'Whether `/profiler` takes profiles of the CPU.'],
  [
    'LIBPROCESS_MEMORY_PROFILING',
    'false',
    'Whether `/memory-profiler` takes profiles of the heap.',
  ],
];

const SSL: readonly PageRow[] = [
  [
    'ENABLED',
    'false',
    'Secures all connections, both ways. Without it none of the others has a meaning.',
  ],
  [
    'CERT_FILE',
    'required',
    'Certificate in PEM, followed by those of its intermediate authorities.',
  ],
  ['KEY_FILE', 'required', 'Its private key in PEM.'],
  [
    'KEY_PASSPHRASE',
    '',
    'Opens an encrypted key: itself, or `file://` and the path of a file, which keeps it out of the environment of children. C++ libprocess has none.',
  ],
  ['CA_FILE', '', 'Authorities to trust, in PEM. With neither, those that Node.js brings.'],
  ['CA_DIR', '', 'A directory of such files.'],
  [
    'CRL_FILE',
    '',
    'Lists of revoked certificates, in PEM. Each authority of a chain then needs one that is in force, or the peer is refused. C++ libprocess has none.',
  ],
  ['VERIFY_SERVER_CERT', 'false', 'Servers must prove who they are. Formerly `VERIFY_CERT`.'],
  [
    'REQUIRE_CLIENT_CERT',
    'false',
    'Clients must prove who they are, browsers included; implies the former. Formerly `REQUIRE_CERT`.',
  ],
  ['VERIFY_IPADD', 'false', 'A certificate may name its owner by IP address.'],
  [
    'HOSTNAME_VALIDATION_SCHEME',
    'legacy',
    '`legacy`: a certificate names the host that reverse DNS finds for the IP of the peer, on both sides. `openssl`: that of a server names what it was reached by; nodes are reached by IP, which needs `VERIFY_IPADD`.',
  ],
  [
    'VERIFICATION_DEPTH',
    '4',
    'Intermediate authorities between a certificate and a trusted one, at most.',
  ],
  [
    'SUPPORT_DOWNGRADE',
    'false',
    'Serves clients that speak no TLS too, and speaks plainly to servers that do not.',
  ],
  ['CIPHERS', 'ECDHE first', 'Ciphers up to TLS 1.2, as OpenSSL writes them.'],
  ['ECDH_CURVES', 'auto', 'Elliptic curves, colons between them.'],
  ['ENABLE_TLS_V1_0', 'false', 'TLS 1.0.'],
  ['ENABLE_TLS_V1_1', 'false', 'TLS 1.1.'],
  ['ENABLE_TLS_V1_2', 'true', 'TLS 1.2.'],
  ['ENABLE_TLS_V1_3', 'false', 'TLS 1.3.'],
  ['ENABLE_SSL_V3', 'false', 'An error if set: Node.js has no SSL 3.0.'],
];

/** Presets that are words about a value. */
const WORDS = ['required', 'ECDHE first'];

/** The part of `docs/flags.md` about what every node reads from its environment. */
export const environmentPage = (): string =>
  [
    '## Environment',
    '',
    'Every program with a node reads these, as with C++ libprocess; a wrong one ends it with an error that names it.',
    '',
    table(GENERAL),
    '### TLS',
    '',
    '`LIBPROCESS_SSL_` and a name of this table. `SSL_` alone, as before Mesos 1.0, is read too. An unknown name is an error.',
    '',
    table(SSL),
    'All commands honour them: daemons, `mesos execute` and the lists. Executors of your own get them with the `environment` of their command.',
    'Files that change are loaded for new connections within a second; open connections stay. Files that cannot be used are told in the',
    'log, and the former ones stay in force. A recommended set for a cluster:',
    '',
    '```sh',
    'export LIBPROCESS_SSL_ENABLED=true',
    'export LIBPROCESS_SSL_CERT_FILE=/etc/mesos/node.pem LIBPROCESS_SSL_KEY_FILE=/etc/mesos/node.key',
    'export LIBPROCESS_SSL_CA_FILE=/etc/mesos/ca.pem',
    'export LIBPROCESS_SSL_REQUIRE_CLIENT_CERT=true LIBPROCESS_SSL_VERIFY_IPADD=true',
    '```',
    '',
  ].join('\n');

const table = (rows: readonly PageRow[]): string =>
  pageTable(
    'variable',
    rows.map(([name, preset, meaning]) => [`\`${name}\``, presetOf(preset), meaning]),
  );

const presetOf = (preset: string): string =>
  preset === '' || WORDS.includes(preset) ? preset : `\`${preset}\``;
