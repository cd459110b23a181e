import type { ContainerClient } from '@azure/storage-blob';
import { encodeLedgerEntry, type LedgerEntry } from '../format/ledger.ts';
import { createAppendBlob } from './blob-container.ts';
import { blobFailure } from './blob-failure.ts';

const JSON_LINES_HEADERS = { blobContentType: 'application/x-ndjson' };

/**
 * Appends an entry to the ledger of its day: an append blob whatever the rows are in, made when it is not there. A line
 * that is there twice does no harm, so nothing is looked up.
 */
export async function recordInBlob(
  container: ContainerClient,
  path: string,
  entry: LedgerEntry,
  abortSignal: AbortSignal,
): Promise<void> {
  const client = container.getAppendBlobClient(path);
  const line = Buffer.from(encodeLedgerEntry(entry));
  for (let tries = 1; ; tries += 1) {
    try {
      await client.appendBlock(line, line.length, { abortSignal });
      return;
    } catch (error) {
      // Twice at first: the container, then the blob. Once more for one that is deleted meanwhile.
      if (blobFailure(error) !== 'gone' || tries > 3) {
        throw error;
      }
      await createAppendBlob(container, client, JSON_LINES_HEADERS, abortSignal);
    }
  }
}
