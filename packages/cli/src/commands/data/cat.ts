import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { ROW_FORMATS, type RowFormat, writeRows } from '../../output/rows.ts';
import type { Row } from '../../output/table.ts';
import { atMost } from '../at-most.ts';
import { parseCount } from '../parse-values.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';
import { addRowReadingOptions, type RowReadingOptions, readingFor } from './row-options.ts';

interface CatOptions extends StreamOptions, RowReadingOptions {
  readonly limit?: number;
  readonly output: RowFormat;
}

/**
 * `azureml-ts data cat`: prints collected rows.
 *
 * @param data Gets the command.
 * @param io Where the rows go.
 */
export function addDataCat(data: Command, io: CommandIo): void {
  addRowReadingOptions(addStreamOptions(data.command('cat').description('print collected rows')))
    .option('--limit <n>', 'print at most this many rows', parseCount)
    .addOption(new Option('--output <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .action((options: CatOptions) => cat(options, io));
}

async function cat(options: CatOptions, io: CommandIo): Promise<void> {
  const collected = await openCollected(options, io);
  const { abortSignal } = io;
  const rows: AsyncIterable<Row> = collected.rows<Row>({ ...readingFor(options, options.output), abortSignal });
  const count = await writeRows(io, atMost(rows, options.limit), options.output);
  if (count === 0) {
    io.writeError('azureml-ts: no rows there. Check the names, their case, and --from and --to (UTC).\n');
  }
}
