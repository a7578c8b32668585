#!/usr/bin/env node
import { main } from './main.ts';
import { processHost } from './process-host.ts';

const exitCode = await main(processHost());
// What a command left open, such as connections that idle, must not keep it.
process.stdout.write('', () => process.exit(exitCode));
