import { ValidationError } from '@azureml-ts/common';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { writeDocumentLine } from '../../output/documents.ts';
import { LineTable } from '../../output/line-table.ts';
import { ROW_FORMATS, type RowFormat, writeRows } from '../../output/rows.ts';
import type { Row } from '../../output/table.ts';
import { parseCount, parseSeconds } from '../parse-values.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';
import { addRowReadingOptions, type RowReadingOptions, readingFor } from './row-options.ts';

interface TailOptions extends StreamOptions, RowReadingOptions {
  readonly lines: number;
  readonly follow?: boolean;
  readonly interval?: number;
  readonly output: RowFormat;
}

/**
 * `azureml-ts data tail`: prints the last collected rows, or follows them.
 *
 * @param data Gets the command.
 * @param io Where the rows go.
 */
export function addDataTail(data: Command, io: CommandIo): void {
  addRowReadingOptions(
    addStreamOptions(data.command('tail').description('print the last collected rows, or follow them')),
  )
    .option('-n, --lines <n>', 'so many of the last rows', parseCount, 10)
    .option('--follow', 'go on with new rows until Ctrl-C, also over midnight and in new files')
    .option('--interval <seconds>', 'with --follow: wait between two looks (default: 5)', parseSeconds)
    .addOption(new Option('--output <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .action((options: TailOptions) => tail(options, io));
}

async function tail(options: TailOptions, io: CommandIo): Promise<void> {
  const { lines, follow = false, interval, output } = options;
  if (interval !== undefined && !follow) {
    throw new ValidationError({ path: '--interval', expected: 'together with --follow' });
  }
  const collected = await openCollected(options, io);
  const { abortSignal } = io;
  const rows: AsyncIterable<Row> = collected.tail<Row>({
    ...readingFor(options, output),
    last: lines,
    follow,
    intervalMs: interval,
    abortSignal,
  });
  if (!follow || output === 'csv') {
    const count = await writeRows(io, rows, output);
    if (count === 0) {
      io.writeError('azureml-ts: no rows there. Check the names, their case, and --from and --to (UTC).\n');
    }
    return;
  }
  // Whoever follows reads each row as it comes, not a document that never ends.
  const table = new LineTable(io);
  for await (const row of rows) {
    await (output === 'json' ? writeDocumentLine(io, { row }) : table.write(row));
  }
}
