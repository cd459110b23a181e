import type { CollectedFile } from '../files/collected-file.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import { FileRecords } from './file-records.ts';
import type { ReadingOptions } from './rows-options.ts';

/** Records of a file that were read together, and who tells which of them are rows. */
export interface FileBlock {
  /** The records. To be read before the next block is asked for. */
  readonly block: RecordBlock;
  /** Knows the file. */
  readonly records: FileRecords;
}

/**
 * Finds the records of one file as its bytes come.
 *
 * @param file The file.
 * @param pieces Its bytes.
 * @param scanner Finds the records; one for all files that are read one after the other, whose memory it then uses again.
 * @throws As {@link FileRecords.accept}, for what stands behind the last line end.
 */
export async function* readBlocks(
  file: CollectedFile,
  pieces: AsyncIterable<Uint8Array>,
  options: ReadingOptions,
  scanner: RecordScanner = new RecordScanner(),
): AsyncGenerator<FileBlock, void, undefined> {
  scanner.restart();
  const records = new FileRecords(file, options.onBadRecord, options.header);
  const given = function* (blocks: Iterable<RecordBlock>): Generator<FileBlock, void, undefined> {
    for (const block of blocks) {
      if (block.isTooLong) {
        records.rejectTooLong(block);
        const retry = records.takeRetry();
        if (retry !== undefined) {
          yield { block: retry, records };
        }
        continue;
      }
      yield { block, records };
      if (records.columns !== undefined) {
        scanner.width = records.columns.names.length;
      }
    }
  };
  try {
    for await (const piece of pieces) {
      options.abortSignal?.throwIfAborted();
      yield* given(scanner.push(piece));
    }
    yield* given(scanner.end());
    records.finish(scanner.rest, scanner.position);
    const retry = records.takeRetry();
    if (retry !== undefined) {
      yield { block: retry, records };
    }
  } finally {
    records.end();
  }
}
