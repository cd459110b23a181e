import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateKind } from '@azureml-ts/data';
import type { Engine } from './checks.ts';
import { opened, type Stream } from './collect.ts';
import type { Answer } from './python.ts';
import { TYPES } from './samples.ts';
import { evenNumbers, rowsOf, type TableCell } from './tables.ts';
import type { World } from './world.ts';

/** What a reader of scripts is told to do. */
export interface Job {
  readonly script: string;
  readonly call: 'read' | 'read_joined' | 'notebook' | 'plain';
  readonly arguments: readonly unknown[];
}

/** One job, and what is to come of it. */
export interface Expectation {
  readonly what: string;
  readonly job: Job;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Types of the columns in order, where they are checked. */
  readonly types?: readonly string[];
  /** Whether there are no features but these. */
  readonly isWhole?: boolean;
}

/** Everything that a generated Python script is to read right, whatever its engine. */
export async function expectations(
  world: World,
  kind: GenerateKind,
  typeNames: Readonly<Record<string, string>>,
): Promise<Expectation[]> {
  const { inputs, predictions, odd, changing, cased, nameless, recorded } = world;
  const write = async (name: string, stream: Stream, options: object, more: object = {}): Promise<string> => {
    const text = await (await opened(stream, more)).generate(kind, options);
    const file = join(world.folder, `${kind}-${name}.py`);
    writeFileSync(file, text);
    return file;
  };
  const declared = await write('declared', inputs, { types: TYPES });
  const inferred = await write('inferred', inputs, {});
  const of = (what: string, script: string, stream: Stream, range: unknown[] = []): Expectation => ({
    what,
    job: { script, call: 'read', arguments: [stream.open.designation, ...range] },
    columns: Object.keys(stream.kinds),
    rows: stream.rows,
    types: Object.values(stream.kinds).map((name) => typeNames[name] ?? name),
    isWhole: true,
  });
  const python: Expectation[] = [];
  for (const [at, stream] of recorded.entries()) {
    const types = Object.fromEntries(Object.keys(stream.kinds).map((name) => [name, 'string' as const]));
    const script = await write(`recorded-${at}`, stream, { types, joinWith: false });
    python.push(of(`python-v1, ${stream.open.webserviceName}`, script, stream));
  }
  const half = inputs.rows.length / 2;
  return [
    ...python,
    of('declared types', declared, inputs),
    // Every kind shows in how its values look, but for the largest integers: they stay texts.
    without('big', of('found types', inferred, inputs)),
    of('odd names', await write('odd', odd, { types: TYPES }), odd),
    of('changing columns', await write('changing', changing, {}), changing),
    of('columns that differ in case', await write('cased', cased, {}), cased),
    of('no header', await write('nameless', nameless, {}), nameless),
    {
      // March has both spellings of a month: its days are the second and third of four.
      ...of('days', declared, inputs, ['2026-03-01', '2026-03-31']),
      rows: inputs.rows.slice(half / 2, half + half / 2),
    },
    of('all versions', await write('versions', odd, { types: TYPES }, { modelVersion: 'all' }), odd),
    {
      what: 'join',
      job: { script: inferred, call: 'read_joined', arguments: ['inputs', 'predictions'] },
      columns: ['row', 'predictions_row', 'score'],
      rows: predictions.rows.map(([row = null, score = null]) => [row, row, score]),
    },
  ];
}

/** The same, but for one column. */
export function without(column: string, expected: Expectation): Expectation {
  const kept = expected.columns.map((name) => name !== column);
  return {
    ...expected,
    isWhole: false,
    columns: expected.columns.filter((_, at) => kept[at]),
    rows: expected.rows.map((row) => row.filter((_, at) => kept[at])),
    ...(expected.types === undefined ? {} : { types: expected.types.filter((_, at) => kept[at]) }),
  };
}

/** Compares what a script read with what was collected. */
export function compareAnswers(
  check: Engine,
  expected: readonly Expectation[],
  answers: readonly Answer[],
  even: (rows: readonly (readonly TableCell[])[]) => readonly (readonly TableCell[])[] = (rows) => rows,
): void {
  check.same('an answer to each job', answers.length, expected.length);
  for (const [at, { what, columns, rows, types, isWhole = false }] of expected.entries()) {
    const answer = answers[at];
    if (answer === undefined || !('rows' in answer)) {
      check.holds(what, false, JSON.stringify(answer));
      continue;
    }
    const table = evenNumbers(answer);
    const key = columns[0] ?? 'row';
    const ordered = { ...table, columns: table.columns.map((name) => (name === key ? 'row' : name)) };
    const found = rowsOf(ordered, ['row', ...columns.slice(1)]);
    check.same(`${what}: rows`, even(found), even(rows));
    if (isWhole) {
      const others = table.columns.filter((name) => !columns.includes(name) && !name.startsWith('$aml_'));
      check.same(`${what}: other features`, others, []);
    }
    if (types !== undefined) {
      check.same(
        `${what}: types`,
        columns.map((name) => table.types[table.columns.indexOf(name)]),
        types,
      );
    }
  }
}
