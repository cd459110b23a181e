import { createServer } from 'node:net';
import { checkOptions } from '../options.ts';
import type { WorkerOptions } from './messages.ts';

/** A port that all workers can be told: each would choose another one for 0 when it comes after all others have gone. */
export async function freePort(options: WorkerOptions): Promise<number> {
  const { port, host } = checkOptions(options);
  if (port !== 0) {
    return port;
  }
  const probe = createServer();
  try {
    return await new Promise<number>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(0, host, () => resolve((probe.address() as { port: number }).port));
    });
  } catch {
    // The worker that tries it again tells what is wrong, in the words of every other start.
    return 0;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}
