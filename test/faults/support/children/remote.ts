// A collector that does what it is told by messages; see remote-collector.ts.
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAzuremlError, systemClock } from '@azureml-ts/common';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import type { RemoteAnswer, RemoteCall } from '../remote-collector.ts';

let collector: ModelDataCollector;
let aheadMs = 0;

async function perform(call: RemoteCall): Promise<unknown> {
  switch (call.do) {
    case 'open': {
      const { hurry = 1, ...options } = call.options;
      aheadMs = options.aheadMs ?? 0;
      collector = new ModelDataCollector(call.modelName, {
        ...options,
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
      return call.rows.reduce((sum, row) => sum + collector.collectRow(row).accepted, 0);
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
    case 'read':
      return readFileSync(call.file, 'utf8');
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
