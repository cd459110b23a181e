import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { countUp } from './support/stored-rows.ts';

const PLAN = { columns: ['x', 'y'], records: { name: 'model_inputs', sink: 'stdout' as const } };
const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);

/** Numbers of the records that were printed. */
function printed(stdout: string): string[] {
  const lines = stdout.split('\n').filter((line) => line.includes(' | model_inputs | '));
  return lines.map((line) => (JSON.parse(line.split(' | ')[3] ?? '') as { x: string }[])[0]?.x ?? '');
}

/** The process lives, has told it once, and says at its end what is lost. */
async function expectLostAndTold(remote: RemoteCollector, code: string, stored: number): Promise<void> {
  await remote.collect(...rowsFrom(0, 10));
  await expect(remote.flush({ timeoutMs: 300 })).rejects.toMatchObject({ details: { keptRows: 10, lostRows: 0 } });
  await remote.collect(...rowsFrom(10, 10));
  await expect(remote.flush({ timeoutMs: 300 })).rejects.toMatchObject({ details: { keptRows: 20, lostRows: 0 } });
  expect(remote.issues.map((issue) => issue.code)).toEqual([code]);
  expect(await remote.stats()).toMatchObject({ collected: stored + 20, stored, pending: 20 });
  await expect(remote.close(100)).rejects.toMatchObject({ details: { keptRows: 0, lostRows: 20 } });
  expect(await remote.stats()).toMatchObject({ pending: 0, dropped: { failed: 20 } });
  remote.child.process.disconnect();
  const { code: exitCode, stderr } = await remote.child.ended;
  expect(exitCode).toBe(0);
  expect(stderr).toContain('20 rows are given up');
}

describe('records for standard output', () => {
  it('of 20,000 calls in a tight loop are all printed, in order', async () => {
    const remote = await RemoteCollector.start(PLAN);
    expect(await remote.collect(...rowsFrom(0, 20_000))).toBe(20_000);
    await remote.close();
    expect(await remote.stats()).toMatchObject({ collected: 20_000, stored: 20_000, pending: 0 });
    remote.child.process.disconnect();
    const { stdout } = await remote.child.ended;
    expect(printed(stdout)).toEqual(countUp(20_000));
  });

  it('wait when their reader is gone, the process goes on, and what is lost at its end is counted and told', async () => {
    const remote = await RemoteCollector.start(PLAN);
    await remote.collect(...rowsFrom(0, 5));
    await remote.flush();
    remote.child.process.stdout?.destroy();
    await expectLostAndTold(remote, 'EPIPE', 5);
  });

  it('wait when the disk of their file is full, the process goes on, and what is lost at its end is counted and told', async () => {
    const remote = await RemoteCollector.start(PLAN, { through: ['sh', '-c', 'exec "$@" > /dev/full', 'sh'] });
    await expectLostAndTold(remote, 'ENOSPC', 0);
  });
});
