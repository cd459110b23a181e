import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Child, childFile, messageOf, startChild } from './support/children.ts';
import { letTimePass, newFolder } from './support/folders.ts';
import { describeUnless, NO_CONTAINERS, OWN_CONTAINER } from './support/permitted.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { startSinks } from './support/sinks.ts';
import { column, countUp, repeated } from './support/stored-rows.ts';
import { SINK_KINDS } from './support/test-sink.ts';
import { WRITER_COLUMNS, type WriterTask } from './support/writer-task.ts';

/** Every so many steps of the container one is tried; `STRIDE=1` tries them all. */
const STRIDE = Number(process.env['STRIDE'] ?? 5);

const here = startSinks();

function startPausing(task: WriterTask, pauseAt: number, until: string): Child {
  return startChild('writer.ts', {
    args: [JSON.stringify(task)],
    execArgv: ['--import', childFile('die-at.ts')],
    env: { DIE_AT: String(pauseAt), PAUSE_UNTIL: until },
    through: OWN_CONTAINER,
  });
}

describeUnless(NO_CONTAINERS, 'a container that is paused for minutes, while another one takes its rows over', () => {
  it.each(SINK_KINDS)('costs no row, and none is twice, at whichever of its steps it is paused (%s)', async (kind) => {
    let isDone = false;
    for (let pauseAt = 1; !isDone; pauseAt += STRIDE) {
      const sink = here.open(kind, `paused ${kind} ${pauseAt}`);
      const journal = newFolder();
      const plan = sink.plan(WRITER_COLUMNS, { journal: { directory: journal }, flushIntervalMs: 60_000 });
      const until = path.join(newFolder(), 'go-on');
      const task = { writer: 'w', life: 0, plan, calls: [2, 3], chunks: 3, storeEvery: 2 };
      const paused = startPausing({ ...task, mayBeTaken: true }, pauseAt, until);
      const news = await messageOf<{ isPaused?: true; isDone?: true }>(paused, (m) => m.isPaused ?? m.isDone ?? false);
      isDone = news.isDone === true;
      letTimePass(journal, /^heartbeat$/);
      await sink.forgetDead();
      for (const folder of sink.folders) {
        letTimePass(folder, /\.lock/);
      }
      const other = await RemoteCollector.start(plan, { hurry: 100 });
      await other.collect(['other', 0, 0, 'text'], ['other', 0, 1, 'text']);
      await other.flush();
      writeFileSync(until, '');
      const { code, signal, stderr } = await paused.ended;
      if (code !== 0) {
        throw new Error(`Paused at ${pauseAt}, the container ended with ${signal ?? code}. ${stderr.slice(-1_000)}`);
      }
      await other.flush();
      await other.close();
      await other.end();
      const rows = (await sink.files()).flat();
      const numbers = (writer: string) =>
        column(
          rows.filter((row) => row['writer'] === writer),
          'number',
        );
      expect({ pauseAt, twice: repeated(numbers('w')) }).toEqual({ pauseAt, twice: [] });
      expect({ pauseAt, w: numbers('w').sort(byNumber) }).toEqual({ pauseAt, w: countUp(15) });
      expect(numbers('other')).toEqual(['0', '1']);
      // The other one cannot know what became of the record that was under way.
      expect(await sink.again()).toBeLessThanOrEqual(kind === 'sidecar' ? 1 : 0);
    }
  });
});

function byNumber(one: string, other: string): number {
  return Number(one) - Number(other);
}
