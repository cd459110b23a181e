#!/usr/bin/env node
import { processIo } from './io.ts';
import { main } from './program.ts';

// A reader that goes away is told by the write that fails; without a listener it would end the process as an error.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
void main(process.argv.slice(2), processIo()).then((exitCode) => process.exit(exitCode));
