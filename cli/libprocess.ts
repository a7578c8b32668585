#!/usr/bin/env node
import { runAsProcess } from './libprocess/host.ts';
import { main } from './libprocess/command.ts';

await runAsProcess(main);
