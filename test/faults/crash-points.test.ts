import { setImmediate } from 'node:timers/promises';
import { CollectedData } from '@azureml-ts/data';
import { childFile, startChild } from './support/children.ts';
import { newFolder } from './support/folders.ts';
import { type CollectorPlan, openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { startSinks } from './support/sinks.ts';
import { column, countUp, misplaced, repeated } from './support/stored-rows.ts';
import { SINK_KINDS } from './support/test-sink.ts';
import { WRITER_COLUMNS, type WriterMessage, type WriterTask } from './support/writer-task.ts';

/** Rows of a chunk; each is journaled, and every second one stored with that before, ahead of the next. */
const CALLS = [2, 3];
const CHUNK_ROWS = 5;
const CHUNKS = 3;

const here = startSinks();

/** One life of a writer that ends at a counted step; how far its journal had the rows, and whether it came to its end. */
async function live(task: WriterTask, dieAt: number) {
  const child = startChild('writer.ts', {
    args: [JSON.stringify(task)],
    execArgv: ['--import', childFile('die-at.ts')],
    env: { DIE_AT: String(dieAt) },
  });
  let journaledTo = 0;
  let isDone = false;
  child.process.on('message', (message: WriterMessage) => {
    journaledTo = 'journaledTo' in message ? message.journaledTo : journaledTo;
    isDone ||= 'isDone' in message;
  });
  const { code, signal, stderr } = await child.ended;
  if (signal !== 'SIGKILL' && code !== 0) {
    throw new Error(`The writer ended with ${signal ?? code}. ${stderr.slice(-2_000)}`);
  }
  return { journaledTo, isDone };
}

async function recover(plan: CollectorPlan): Promise<void> {
  const collector = openPlan(plan);
  await setImmediate();
  await collector.flush();
  await collector.close();
}

/** Whenever writers died, the ledger tells of all rows that are stored, and none is called missing. */
async function expectProof(plan: CollectorPlan, rowCount: number): Promise<void> {
  if (!('rows' in plan)) {
    // Records have no ledger.
    return;
  }
  const { storage, workspace, webserviceName, modelVersion, designation } = plan.rows;
  const stream = { workspace, webserviceName, modelVersion, designation, modelName: 'best_model' };
  const data = await CollectedData.open({ ...stream, storage } as Parameters<typeof CollectedData.open>[0]);
  const { findings, totals } = await data.verify();
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(totals).toMatchObject({ rowsFound: rowCount, stored: rowCount });
}

describe.each(SINK_KINDS)('a process that collects for %s', (kind) => {
  let seen = 0;

  async function dieAndRecover(deaths: readonly number[]): Promise<boolean> {
    seen += 1;
    const sink = here.open(kind, `crash ${kind} ${seen}`);
    const plan = sink.plan(WRITER_COLUMNS, { journal: { directory: newFolder() }, flushIntervalMs: 60_000 });
    const task = { writer: 'w', plan, calls: CALLS, chunks: CHUNKS, storeEvery: 2, dropsRows: true };
    const lives: { journaledTo: number; isDone: boolean }[] = [];
    for (const [life, dieAt] of deaths.entries()) {
      lives.push(await live({ ...task, life }, dieAt));
      await sink.forgetDead();
    }
    await recover(plan);
    const files = await sink.files();
    for (const [life, { journaledTo, isDone }] of lives.entries()) {
      const inFiles = files.map((rows) =>
        column(
          rows.filter((row) => row['life'] === String(life)),
          'number',
        ),
      );
      const numbers = inFiles.flat();
      // All that the journal had, and perhaps a chunk of which it could not say so any more.
      expect([journaledTo, journaledTo + CHUNK_ROWS]).toContain(numbers.length);
      expect(inFiles.map((inFile) => misplaced(inFile.map(Number)))).toEqual(files.map(() => []));
      expect(numbers.sort(byNumber)).toEqual(countUp(numbers.length));
      expect(numbers.length === CHUNKS * CHUNK_ROWS || !isDone).toBe(true);
      // What comes to the sidecar again comes in its place.
      const arrivals = (await sink.arrivals()).filter(([first]) => first?.['life'] === String(life));
      const firsts = arrivals.map(([first]) => Number(first?.['number']));
      expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
    }
    const rows = files.flat();
    expect(repeated(rows.map((row) => `${row['life']}/${row['number']}`))).toEqual([]);
    expect(await sink.again()).toBeLessThanOrEqual(kind === 'sidecar' ? deaths.length : 0);
    if (rows.length > 0) {
      await expectProof(plan, rows.length);
    }
    return lives.some(({ isDone }) => isDone);
  }

  it('loses no row of its journal, and stores none twice, at whichever of its steps it dies', async () => {
    let isDone = false;
    for (let dieAt = 1; !isDone; dieAt += 1) {
      isDone = await dieAndRecover([dieAt]);
    }
    // It does far more than that; fewer would mean that the steps are not seen.
    expect(seen).toBeGreaterThan(30);
  });

  it('loses none and stores none twice when whoever recovers dies too', async () => {
    let isDone = false;
    for (let dieAt = 2; !isDone; dieAt += 9) {
      isDone = await dieAndRecover([dieAt, dieAt + 3, 1 + (dieAt % 11)]);
    }
  });
});

function byNumber(one: string, other: string): number {
  return Number(one) - Number(other);
}
