import { AzuremlError, createLogger } from '@azureml-ts/common';
import { CsvScanner, utcDay } from '@azureml-ts/monitoring/format';

const log = createLogger('data');

/** A record larger than this is no row: a batch of the collector is at most as large. */
const MAX_RECORD_BYTES = 67_108_864;

/**
 * Reads the records of a file as its bytes come.
 *
 * A last record without line end is not given: in the file of a running service it is a row that is being written.
 *
 * @param pieces The bytes.
 * @param file The file, for messages.
 * @throws AzuremlError `CSV_RECORD_TOO_LONG` when a record has more than 64 MiB.
 */
export async function* readRecords(
  pieces: AsyncIterable<Uint8Array>,
  file: { readonly path: string; readonly day: string },
): AsyncGenerator<string[][], void, undefined> {
  const scanner = new CsvScanner();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let recordBytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    heldBytes += piece.length;
    // The scanner starts again at the start of an unfinished record: doubling what it gets keeps a long one linear.
    if (heldBytes < recordBytes) {
      continue;
    }
    const records = scanner.push(join(held));
    recordBytes = scanner.isInsideRecord ? heldBytes + (records.length > 0 ? 0 : recordBytes) : 0;
    held = [];
    heldBytes = 0;
    if (recordBytes > MAX_RECORD_BYTES && records.length === 0) {
      throw new AzuremlError(
        'CSV_RECORD_TOO_LONG',
        `A record of ${file.path} has more than ${MAX_RECORD_BYTES} bytes: a quote that is opened and never closed looks like this. Repair the file.`,
        { details: { path: file.path } },
      );
    }
    yield records;
  }
  if (heldBytes > 0) {
    yield scanner.push(join(held));
  }
  if (scanner.isInsideRecord) {
    tellOfRest(file);
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}

/** In the file of today an unfinished record is usual; in an older one a row is damaged. */
function tellOfRest(file: { readonly path: string; readonly day: string }): void {
  const message = `${file.path} ends within a record (no line end, or a quote that is not closed). What stands there is not read as rows.`;
  if (file.day < utcDay(Date.now())) {
    log.warning(message);
  } else {
    log.verbose(message);
  }
}
