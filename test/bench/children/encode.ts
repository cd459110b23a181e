import { encodeRows } from '@azureml-ts/monitoring/format';
import { stringify } from 'csv-stringify/sync';
import { answer } from '../support/child.ts';
import { makeRows, type RowKind } from '../support/rows.ts';
import { median } from '../support/statistics.ts';

/** What to measure. */
export interface EncodeInput {
  readonly kind: RowKind;
}

/** Nanoseconds of one row. */
export interface EncodeOutput {
  readonly ours: number;
  readonly csv: number;
  /** `String` of each number alone. */
  readonly floor: number;
  /** Bytes of one row. */
  readonly rowBytes: number;
}

const TURNS = 9;
const WARM_UP_TURNS = 6;

answer<EncodeInput, EncodeOutput>(async ({ kind }) => {
  const rows = makeRows(kind, kind.endsWith('100') ? 1024 : 8192);
  const time = (work: () => unknown) => {
    const start = performance.now();
    work();
    return ((performance.now() - start) * 1e6) / rows.length;
  };
  const ours = () => encodeRows(rows);
  const csv = () => Buffer.from(stringify(rows));
  const bytes = ours();
  if (!bytes.equals(csv())) {
    throw new Error(`The bytes of ${kind} differ from those of csv-stringify.`);
  }
  const times = { ours: [] as number[], csv: [] as number[], floor: [] as number[] };
  for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn += 1) {
    const result = { ours: time(ours), csv: time(csv), floor: time(() => textOfNumbers(rows)) };
    if (turn >= WARM_UP_TURNS) {
      times.ours.push(result.ours);
      times.csv.push(result.csv);
      times.floor.push(result.floor);
    }
  }
  return {
    ours: median(times.ours),
    csv: median(times.csv),
    floor: median(times.floor),
    rowBytes: bytes.length / rows.length,
  };
});

function textOfNumbers(rows: readonly (readonly unknown[])[]): number {
  let length = 0;
  for (const row of rows) {
    for (const cell of row) {
      if (typeof cell === 'number') {
        length += String(cell).length;
      }
    }
  }
  return length;
}
