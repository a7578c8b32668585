import { row, type CoreRow } from './core-rows.ts';

/** What Mesos calls less than core, of libprocess alone: by the files of its tests, as in `CORE_ROWS`. */
export const IMPORTANT_ROWS: Readonly<Record<string, readonly CoreRow[]>> = {
  'libprocess/process_tests': [
    row('dc8fd0b', 'Pid'),
    row('1381767', 'Http1'),
    row('6f7f232', 'Http2'),
    row('41e59e7', 'PercentEncodedURLs'),
    row('76f6d6b', 'RemoteRelink'),
    row('531eecb', 'RemoteLinkRelink'),
    row('225cda5', 'RemoteDoubleLinkRelink'),
    row('9d2dbe9', 'RemoteLinkLeak'),
  ],
  'libprocess/reap_tests': [row('e682434', 'TerminatedChildProcess')],
  'libprocess/socket_tests': [row('fa0a63d', 'EOFBeforeRecv'), row('86bf0f0', 'EOFAfterRecv')],
  'libprocess/ssl_tests': [
    row('4f3af86', 'NoValidDowngrade'),
    row('d9cc647', 'HTTPSGet'),
    row('7e354d4', 'HTTPSPost'),
    row('46a8dc2', 'SilentSocketWithDowngrade'),
    row('06d37cd', 'ShutdownThenSend'),
    row('827ee27', 'RequireCertificate'),
    row('de9ead4', 'Mismatch'),
  ],
  'libprocess/subprocess_tests': [
    row('a5d9703', 'PipeOutputToFileDescriptor'),
    row('355485b', 'PipeOutputToPath'),
    row('82a687b', 'EnvironmentEcho'),
    row('3c91145', 'PipeOutput'),
    row('14ee534', 'PipeLargeOutput'),
    row('cec1653', 'PipeInput'),
    row('9a37471', 'Environment'),
    row('a736de9', 'EnvironmentWithSpaces'),
    row('d5613e9', 'EnvironmentWithSpacesAndQuotes'),
    row('bb4d9e9', 'EnvironmentOverride'),
  ],
};
