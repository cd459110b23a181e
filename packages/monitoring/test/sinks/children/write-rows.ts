import fs from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';
import { killAt } from './kill-at.ts';
import { batchAt, type WriterOrder } from './writer-order.ts';

const order = (isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData) as WriterOrder;

if (order.kill !== undefined) {
  await killAt(order.kill);
}
// Only now: what they import of node:fs/promises is what the line above has made of it.
const { DirectorySink } = await import('../../../src/sinks/directory-sink.ts');

const sink = new DirectorySink(order.directory);
const kept = fs.existsSync(order.journal)
  ? JSON.parse(fs.readFileSync(order.journal, 'utf8'))
  : { index: 0, intent: undefined };

for (let { index, intent } = kept; index < order.count; index += 1, intent = undefined) {
  const keep = (state: object) => {
    // By another name first: a journal has no half entries.
    fs.writeFileSync(`${order.journal}.new`, JSON.stringify(state));
    fs.renameSync(`${order.journal}.new`, order.journal);
  };
  await sink.append(batchAt(order, index), {
    abortSignal: new AbortController().signal,
    intent,
    intend: async (next) => keep({ index, intent: next }),
  });
  keep({ index: index + 1 });
}
