import { writeSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';

/**
 * Says so when the script itself ends the process, by `process.exit()`, before the server is ready. An exit with
 * code 0 becomes one with 3: whoever started the server must not take it for one that has done its work.
 *
 * @param isExpected Whether the process has been asked to end.
 * @returns A function to call once the start is over.
 */
export function reportEarlyExit(isExpected: () => boolean): () => void {
  const onExit = (code: number): void => {
    if (isExpected()) {
      return;
    }
    if (code === EXIT.ok) {
      process.exitCode = EXIT.script;
    }
    const text = `The scoring script ended the process with code ${code} before the server was ready (process.exit() while it was loaded, or in init()).`;
    try {
      // Nothing asynchronous is written any more.
      writeSync(2, `${new Date().toISOString()} E [${process.pid}] ${text}\n`);
    } catch {
      // Nobody reads.
    }
  };
  process.on('exit', onExit);
  return () => process.off('exit', onExit);
}
