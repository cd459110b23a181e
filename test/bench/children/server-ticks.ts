// Loaded into a server: each millisecond it notes the processor time that the main thread took since it last looked. A
// request that comes waits for that, and it holds no wait for a core of a busy machine.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['AZUREML_TS_BENCH_TICKS'];
const WARM_UP_MS = Number(process.env['AZUREML_TS_BENCH_WARM_UP_MS']);

if (file !== undefined && isMainThread) {
  const ticks: number[] = [];
  let last = threadMs();
  setInterval(() => {
    const now = threadMs();
    if (performance.now() > WARM_UP_MS) {
      ticks.push(now - last);
    }
    last = now;
  }, 1).unref();
  process.on('exit', () => writeFileSync(file, JSON.stringify(ticks)));
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
