// Collects records in chunks and says how far the journal has them; see record-task.ts.
import { Collector } from '@azureml-ts/monitoring';
import type { RecordMessage, RecordTask } from '../record-task.ts';

const task = JSON.parse(process.argv[2] ?? '') as RecordTask;
const say = (message: RecordMessage) => process.send?.(message);
// Without its parent nobody counts the records.
process.once('disconnect', () => process.exit(1));
(globalThis as { countSteps?: () => void }).countSteps?.();

const collector = new Collector(task.options);
let number = 0;
for (let chunk = 1; chunk <= task.chunks; chunk += 1) {
  for (let index = 0; index < task.records; index += 1) {
    collector.collect([{ life: task.life, number }]);
    number += 1;
  }
  await collector.flush({ until: 'journal' });
  say({ journaledTo: number });
  if (chunk % task.deliverEvery === 0) {
    await collector.flush({ timeoutMs: Number.POSITIVE_INFINITY });
  }
}
await collector.close({ timeoutMs: Number.POSITIVE_INFINITY });
process.removeAllListeners('disconnect');
process.send?.({ isDone: true } satisfies RecordMessage, () => process.disconnect());
