import type { FileStore, ReadRange, StoredFile } from './file-store.ts';

/** A folder of a store as a store of its own: its paths begin there. */
export class PrefixStore implements FileStore {
  readonly place: string;
  readonly name: string;
  readonly rangeBytes: number | undefined;
  readonly #store: FileStore;
  readonly #prefix: string;

  /**
   * @param store The store.
   * @param prefix The folder, with a slash at the end.
   */
  constructor(store: FileStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
    this.place = `${store.place}, folder ${prefix}`;
    this.name = `${store.name}, in its folder ${prefix},`;
    this.rangeBytes = store.rangeBytes;
  }

  /** See {@link FileStore.list}. */
  async *list(
    prefix: string,
    abortSignal: AbortSignal | undefined,
    options?: { readonly pageSize?: number },
  ): AsyncGenerator<StoredFile, void, undefined> {
    for await (const file of this.#store.list(this.#prefix + prefix, abortSignal, options)) {
      yield { ...file, path: file.path.slice(this.#prefix.length) };
    }
  }

  /** See {@link FileStore.folders}. */
  folders(prefix: string, abortSignal: AbortSignal | undefined): Promise<string[] | undefined> {
    return this.#store.folders(this.#prefix + prefix, abortSignal);
  }

  /** See {@link FileStore.read}. */
  read(path: string, abortSignal: AbortSignal | undefined, range?: ReadRange): AsyncIterable<Uint8Array> {
    return this.#store.read(this.#prefix + path, abortSignal, range);
  }

  /** See {@link FileStore.remove}. */
  remove(path: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
    return this.#store.remove(this.#prefix + path, abortSignal);
  }

  /** See {@link FileStore.urlOf}. */
  urlOf(path: string): string {
    return this.#store.urlOf(this.#prefix + path);
  }
}
