// Collects rows in chunks and says how far the journal has them; see writer-task.ts.
import { isFlushError } from '@azureml-ts/monitoring';
import { openPlan } from '../plan.ts';
import { textOf, type WriterMessage, type WriterTask } from '../writer-task.ts';

const task = JSON.parse(process.argv[2] ?? '') as WriterTask;
const say = (message: WriterMessage) => process.send?.(message);
// Without its parent nobody counts the rows.
process.once('disconnect', () => process.exit(1));
const { countSteps, stepsSoFar } = globalThis as { countSteps?: () => void; stepsSoFar?: () => number };
countSteps?.();

const collector = openPlan(task.plan);
let number = 0;
for (let chunk = 1; chunk <= task.chunks; chunk += 1) {
  for (const rowCount of task.calls) {
    const rows = Array.from({ length: rowCount }, (_, index) => [
      task.writer,
      task.life,
      number + index,
      textOf(number + index),
    ]);
    number += rowCount;
    collector.give(...rows);
  }
  if (task.dropsRows === true) {
    collector.giveInvalid();
  }
  await collector.flush({ until: 'journal' });
  say({ journaledTo: number });
  if (chunk % task.storeEvery === 0) {
    await collector.flush({ timeoutMs: Number.POSITIVE_INFINITY });
  }
}
await collector.flush({ timeoutMs: Number.POSITIVE_INFINITY });
await collector.close({ timeoutMs: Number.POSITIVE_INFINITY }).catch((error: unknown) => {
  if (task.mayBeTaken !== true || !isFlushError(error) || error.lostRows > 0) {
    throw error;
  }
});
process.removeAllListeners('disconnect');
process.send?.({ isDone: true, steps: stepsSoFar?.() ?? 0 } satisfies WriterMessage, () => process.disconnect());
