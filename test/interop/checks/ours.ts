import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CellType, CollectedData } from '@azureml-ts/data';
import type { Checks } from '../support/checks.ts';
import { opened, type Stream } from '../support/collect.ts';
import { TYPES } from '../support/samples.ts';
import { cellOf, type TableCell } from '../support/tables.ts';
import type { World } from '../support/world.ts';

/** Our own reader finds what was collected: what the others are compared with. */
export async function checkOurs(checks: Checks, world: World): Promise<void> {
  await checks.engine('azureml-ts', async (check) => {
    check.same(
      'rows with declared types',
      await read(world.inputs, await opened(world.inputs), TYPES),
      world.inputs.rows,
    );
    check.same('predictions', await read(world.predictions, await opened(world.predictions)), world.predictions.rows);
    check.same('rows under odd names', await read(world.odd, await opened(world.odd), TYPES), world.odd.rows);
    check.same(
      'rows without header',
      await read(world.nameless, await opened(world.nameless), {}, 'column_1'),
      world.nameless.rows,
    );
    check.same(
      'rows of changing columns',
      await read(world.changing, await opened(world.changing), { city: 'string' }),
      world.changing.rows,
    );
    check.same(
      'rows of columns that differ only in case',
      await read(world.cased, await opened(world.cased), { city: 'string' }),
      world.cased.rows,
    );
    const inputs = world.inputs.folder;
    check.holds('there are parts', existsSync(join(inputs, '2026/02/27/data-2.csv')));
    check.holds('there are files of one writer', existsSync(join(inputs, '2026/02/27/data-rpod_7.csv')));
    check.holds('there is a month without its zero', existsSync(join(inputs, '2026/3/2/data.csv')));
  });
}

/** Rows as cells, by the number of the row. */
async function read(
  stream: Stream,
  data: CollectedData,
  types: Readonly<Record<string, CellType>> = {},
  key = 'row',
): Promise<TableCell[][]> {
  const rows: [number, TableCell[]][] = [];
  for await (const row of data.rows<Record<string, unknown>>({ types })) {
    rows.push([Number(row[key]), Object.entries(stream.kinds).map(([name, kind]) => cellOf(row[name], kind))]);
  }
  return rows.sort(([a], [b]) => a - b).map(([, cells]) => cells);
}
