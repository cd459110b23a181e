import { runWorker } from './workers/worker-process.ts';

// The script may have left timers or connections open: the process ends all the same.
void runWorker().then((exitCode) => process.exit(exitCode));
