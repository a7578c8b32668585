import { processHost } from './process-host.ts';
import { runStart } from './start/run-start.ts';

const exitCode = await runStart(processHost());
process.stdout.write('', () => process.exit(exitCode));
