/** A file as a store lists it. */
export interface StoredFile {
  /** Path in the store, with slashes. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** What tells it from every other file, when its path may not: a folder may take two spellings for one. */
  readonly id?: string | undefined;
  /** Changes whenever the file does, as far as the store can tell. */
  readonly etag?: string | undefined;
}

/** Which bytes of a file to read. */
export interface ReadRange {
  /** First byte, from 0. Default 0. At or behind the end there are none. */
  readonly from?: number | undefined;
  /** Byte behind the last one. Default: the end of the file. */
  readonly to?: number | undefined;
  /**
   * Whether the store may use the memory of a piece again: each piece is then valid only until the next is asked for.
   * Default `false`. A store that cannot save anything by it gives pieces that stay valid.
   */
  readonly reuse?: boolean | undefined;
  /** Shared by the readings of several ranges of one file: fails when the file is replaced between them. */
  readonly same?: SameFile | undefined;
}

/** Remembers which file a path led to. The store fills it in with the first bytes that it gives. */
export interface SameFile {
  /** What the store knows the file by. */
  seen?: unknown;
}

/** Where files of collected rows are: a blob container, or a folder that has the same paths. */
export interface FileStore {
  /** Where it is, without secrets, for messages. */
  readonly place: string;
  /** What the container or folder is called, as the start of a sentence. */
  readonly name: string;
  /** Files of more than two such pieces are read faster by several readers, piece by piece; left out where they are not. */
  readonly rangeBytes?: number | undefined;
  /**
   * Every file below a folder, in no certain order; none when the folder or the store is not there. Answers of the store
   * are asked for as their names are taken.
   */
  list(
    prefix: string,
    abortSignal: AbortSignal | undefined,
    options?: { readonly pageSize?: number },
  ): AsyncIterable<StoredFile>;
  /** Names of the folders in a folder, sorted; `undefined` when the store itself is not there. */
  folders(prefix: string, abortSignal: AbortSignal | undefined): Promise<string[] | undefined>;
  /** The bytes of a file: those that it has when the reading begins, also when it grows meanwhile. */
  read(path: string, abortSignal: AbortSignal | undefined, range?: ReadRange): AsyncIterable<Uint8Array>;
  /**
   * Removes a file.
   *
   * @returns Whether it was there.
   * @throws AzuremlError `STORAGE_WRITE_FAILED`.
   */
  remove(path: string, abortSignal: AbortSignal | undefined): Promise<boolean>;
  /** Address of a file, without signature. */
  urlOf(path: string): string;
}
