import type { OpenedStream } from './generate/generate-opened.ts';
import type { JsonLinesOptions } from './json-lines/collection-options.ts';
import { type CollectedDataOptions, resolveOptions } from './options.ts';
import { openStore } from './store/open-store.ts';

/** Checks options, and opens the store that they name; see {@link CollectedData.open}. No request is made. */
export async function openStream(options: CollectedDataOptions | JsonLinesOptions): Promise<OpenedStream> {
  const { storage, container, stream, range } = resolveOptions(options, process.env);
  const collection = stream.layout === 'json-lines' ? { container } : undefined;
  return { store: await openStore(storage, collection), storage, selection: stream, range };
}
