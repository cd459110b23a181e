// A collector that does what it is told by messages; see remote-collector.ts.
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAzuremlError, systemClock } from '@azureml-ts/common';
import { openPlan, type PlannedCollector } from '../plan.ts';
import type { RemoteAnswer, RemoteCall } from '../remote-collector.ts';
import { textsBelow } from '../texts-below.ts';

let collector: PlannedCollector;
let aheadMs = 0;

async function perform(call: RemoteCall): Promise<unknown> {
  switch (call.do) {
    case 'open': {
      const { hurry = 1 } = call.time;
      aheadMs = call.time.aheadMs ?? 0;
      collector = openPlan(call.plan, {
        clock: {
          now: () => Date.now() + aheadMs,
          setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / hurry),
          clearTimeout: (handle) => systemClock.clearTimeout(handle),
        },
        onError: ({ code, message }) => process.send?.({ issue: { code, message } }),
      });
      return undefined;
    }
    case 'collect':
      return collector.giveEach(call.rows);
    case 'collect nonsense':
      return collector.giveInvalid();
    case 'flush':
      return collector.flush(call.options);
    case 'close':
      return collector.close(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs });
    case 'stats':
      return collector.stats();
    case 'pid':
      return process.pid;
    case 'setClock':
      aheadMs = call.aheadMs;
      return undefined;
    case 'free':
      return rmSync(call.file);
    case 'read below':
      return textsBelow(call.folder, call.ending);
    case 'fill': {
      const { bavail, bsize } = statfsSync(path.dirname(call.file));
      return writeFileSync(call.file, Buffer.alloc(bavail * bsize - call.leaveBytes, 1));
    }
  }
}

process.on('message', (message: RemoteCall & { id: number }) => {
  const { id } = message;
  const say = (answer: RemoteAnswer) => process.send?.(answer);
  perform(message).then(
    (value) => say({ id, value }),
    (error: unknown) => {
      const { message: text } = error as Error;
      const { code, details } = isAzuremlError(error)
        ? error
        : { code: (error as NodeJS.ErrnoException).code, details: {} };
      say({ id, failure: { code, message: text, details } });
    },
  );
});
