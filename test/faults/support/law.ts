import { column, countUp, misplaced } from './stored-rows.ts';
import type { TestSink } from './test-sink.ts';

/** What {@link expectOnce} allows. */
export interface LawOptions {
  /** Most records that may have come to the sidecar again: one for each answer that was lost or came too late. Default 0. */
  readonly again?: number;
  /** Whether others than one writer gave the rows: then only those of each file are in order. */
  readonly isByFile?: boolean;
}

/**
 * The law of all sinks: rows whose column `x` counts from 0 are each there once, in order. Only the sidecar may get a record
 * again, under the same id and in its place: one whose answer was lost.
 */
export async function expectOnce(sink: TestSink, count: number, options: LawOptions = {}): Promise<void> {
  const { again = 0, isByFile = false } = options;
  const files = (await sink.files()).map((rows) => column(rows, 'x'));
  expect(files.map((values) => misplaced(values.map(Number)))).toEqual(files.map(() => []));
  const all = files.flat();
  // Files of JSON Lines have names by chance.
  const isAnyOrder = isByFile || sink.kind.startsWith('JSON Lines');
  expect(isAnyOrder ? all.sort((one, other) => Number(one) - Number(other)) : all).toEqual(countUp(count));
  expect(await sink.again()).toBeLessThanOrEqual(again);
  if (!isByFile) {
    const arrivals = (await sink.arrivals()).map(([first]) => Number(first?.['x']));
    expect(arrivals).toEqual(arrivals.toSorted((one, other) => one - other));
  }
}
