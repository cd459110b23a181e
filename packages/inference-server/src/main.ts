#!/usr/bin/env node
import { serveCommand } from './command/serve-command.ts';

// The script may have left timers or connections open: the process ends all the same.
void serveCommand(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
