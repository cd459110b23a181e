import { writeSync } from 'node:fs';

/**
 * Says so when the script itself ends the process, by `process.exit()`, before the server is ready. Otherwise a start that
 * ended with code 0 and an empty log would leave nothing to go by.
 *
 * @param isExpected Whether the process has been asked to end.
 * @returns A function to call once the start is over.
 */
export function reportEarlyExit(isExpected: () => boolean): () => void {
  const onExit = (code: number): void => {
    if (isExpected()) {
      return;
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
