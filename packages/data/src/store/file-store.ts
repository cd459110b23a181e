/** A file as a store lists it. */
export interface StoredFile {
  /** Path in the store, with slashes. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Where files of collected rows are: a blob container, or a folder that has the same paths. */
export interface FileStore {
  /** Where it is, without secrets, for messages. */
  readonly place: string;
  /** What the container or folder is called, as the start of a sentence. */
  readonly name: string;
  /** Every file below a folder in no certain order; none when the folder or the store is not there. */
  list(
    prefix: string,
    abortSignal: AbortSignal | undefined,
    options?: { readonly pageSize?: number },
  ): AsyncIterable<StoredFile>;
  /** Names of the folders in a folder, sorted; `undefined` when the store itself is not there. */
  folders(prefix: string, abortSignal: AbortSignal | undefined): Promise<string[] | undefined>;
  /** The bytes of a file. */
  read(path: string, abortSignal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
  /** Address of a file, without signature. */
  urlOf(path: string): string;
}
