import { type StreamIdentity, streamPrefix } from '@azureml-ts/monitoring/format';
import type { FileStore } from '../store/file-store.ts';
import { asCollectedFile, type CollectedFile, compareFiles } from './collected-file.ts';
import { type DayRange, isInRange, listingPrefixes } from './day-range.ts';
import { dataNotFound } from './not-found.ts';

/** Listings that run at the same time. */
const CONCURRENCY = 8;

/**
 * Finds the files of a stream, in day and name order.
 *
 * @throws AzuremlError `COLLECTED_DATA_NOT_FOUND` when the stream has no file at all, of any day.
 */
export async function listFiles(
  store: FileStore,
  stream: StreamIdentity,
  range: DayRange,
  abortSignal: AbortSignal | undefined,
): Promise<CollectedFile[]> {
  abortSignal?.throwIfAborted();
  const prefixes = listingPrefixes(stream, range);
  const files: CollectedFile[] = [];
  for (let at = 0; at < prefixes.length; at += CONCURRENCY) {
    const lists = prefixes.slice(at, at + CONCURRENCY).map(async (prefix) => {
      for await (const stored of store.list(prefix, abortSignal)) {
        const file = asCollectedFile(stored, store.urlOf(stored.path));
        if (file !== undefined && isInRange(range, file.day)) {
          files.push(file);
        }
      }
    });
    await Promise.all(lists);
  }
  if (files.length === 0 && !(await hasFiles(store, streamPrefix(stream), abortSignal))) {
    throw await dataNotFound(store, stream, abortSignal);
  }
  return files.sort(compareFiles);
}

async function hasFiles(store: FileStore, prefix: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  for await (const _ of store.list(prefix, abortSignal, { pageSize: 1 })) {
    return true;
  }
  return false;
}
