import type { CollectedFile } from '../files/collected-file.ts';
import type { FileColumns } from '../rows/file-columns.ts';
import type { FileBlock } from '../rows/read-blocks.ts';
import type { SeeRow } from '../rows/read-heads.ts';
import type { ReadingOptions } from '../rows/rows-options.ts';
import type { FileStore } from '../store/file-store.ts';
import { JsonLinesReader } from './json-lines-reader.ts';

/**
 * Reads the beginning of a JSON Lines file, more while not even the first row is whole.
 *
 * @param bytes How much to read; without bounds, all of it.
 * @param see Is told of each row.
 * @returns The columns of the records that were read; `undefined` when there is no row yet.
 */
export async function readJsonHead(
  store: FileStore,
  file: CollectedFile,
  options: Pick<ReadingOptions, 'abortSignal'>,
  bytes: number,
  see: SeeRow,
): Promise<FileColumns | undefined> {
  const { abortSignal } = options;
  const reader = new JsonLinesReader(store, file, { abortSignal, onBadRecord: () => undefined });
  let columns: FileColumns | undefined;
  const look = async (blocks: AsyncIterable<FileBlock>): Promise<void> => {
    for await (const { block, records } of blocks) {
      columns = records.columns;
      for (let row = 0; row < block.count && columns !== undefined; row += 1) {
        see(block, row, columns);
      }
    }
  };
  for (let from = 0, step = bytes; ; step *= 4) {
    let read = 0;
    const to = Number.isFinite(step) ? from + step : undefined;
    for await (const piece of store.read(file.path, abortSignal, { from, to })) {
      abortSignal?.throwIfAborted();
      read += piece.length;
      await look(reader.push(piece));
    }
    const isWhole = read < step;
    if (isWhole) {
      await look(reader.end());
    }
    if (columns !== undefined || isWhole) {
      return columns;
    }
    from += step;
  }
}
