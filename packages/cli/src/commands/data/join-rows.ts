import type { JoinedRow } from '@azureml-ts/data';
import type { Row } from '../../output/table.ts';

/** A joined row, with or without its label. */
export type JoinedAny = JoinedRow<object | null, object | null> & { readonly label?: object | null };

/** Which sides the rows have besides the left one. */
export interface Sides {
  readonly right: boolean;
  readonly label: boolean;
  /** Whether rows of several versions of the model are among them. */
  readonly versions: boolean;
}

const SIDES = ['left', 'right', 'label'] as const;
/** So many rows are held back until every side was seen once, because the first row decides on the columns. */
const MAX_HELD = 10_000;

/** Rows as objects with an object for each side. */
export async function* jsonRows(rows: AsyncIterable<JoinedAny>, has: Sides): AsyncGenerator<Row> {
  for await (const { left, right, label, ...call } of rows) {
    yield {
      ...call,
      userCorrelationId: call.userCorrelationId ?? null,
      requestId: call.requestId ?? null,
      left,
      ...(has.right ? { right } : {}),
      ...(has.label ? { label: label ?? null } : {}),
    };
  }
}

/**
 * Rows with everything side by side: the features of the left row, the right row and the label, then what ties them to
 * their call. A name that came before gets `right.` or `label.` put before it.
 */
export async function* flatRows(rows: AsyncIterable<JoinedAny>, has: Sides): AsyncGenerator<Row> {
  const names = new Map<string, string[]>();
  const wanted = SIDES.filter((side) => side === 'left' || has[side]);
  let held: JoinedAny[] = [];
  let isSettled = false;
  for await (const row of rows) {
    if (isSettled) {
      yield flat(row, names, has);
      continue;
    }
    for (const side of wanted) {
      const features = row[side];
      if (features !== null && features !== undefined && !names.has(side)) {
        names.set(side, Object.keys(features));
      }
    }
    held.push(row);
    isSettled = names.size === wanted.length || held.length === MAX_HELD;
    if (isSettled) {
      yield* held.map((each) => flat(each, names, has));
      held = [];
    }
  }
  yield* held.map((each) => flat(each, names, has));
}

function flat(row: JoinedAny, names: ReadonlyMap<string, readonly string[]>, { versions }: Sides): Row {
  const cells: Record<string, unknown> = Object.create(null);
  const call: Record<string, unknown> = {
    correlationId: row.correlationId,
    position: row.position,
    userCorrelationId: row.userCorrelationId,
    scoringTimestamp: row.scoringTimestamp,
    requestId: row.requestId,
    ...(versions ? { modelVersion: row.modelVersion } : {}),
  };
  for (const side of SIDES) {
    const features = (row[side] ?? {}) as Record<string, unknown>;
    // What the first row lacked shows as another column, which the writer of CSV refuses.
    for (const name of new Set([...(names.get(side) ?? []), ...Object.keys(features)])) {
      cells[name in cells || name in call ? `${side}.${name}` : name] = features[name];
    }
  }
  return { ...cells, ...call };
}
