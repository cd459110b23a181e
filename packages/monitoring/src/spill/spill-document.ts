/** A text that is too long for a telemetry item. */
export interface SpillDocument {
  /** The whole text, UTF-8. */
  readonly content: Uint8Array;
  /** `application/json`, or another type. */
  readonly contentType: string;
  /** What it is: `print`, `input`, `output` or `property`. */
  readonly kind: string;
  /** Request that it belongs to. */
  readonly requestId?: string | undefined;
  /** When it was printed or tracked. */
  readonly time: Date;
}

/** A document with what it is stored under. */
export interface NamedDocument extends SpillDocument {
  /** Hash of the content, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Paths to try in the container, in this order: the next when another document has the one before. */
  readonly paths: readonly string[];
}

/** Stores documents somewhere, never over another one. */
export interface SpillPlace {
  /**
   * Stores a document; one that is there already is not stored again.
   *
   * @returns Where it is, without secrets.
   * @throws AzuremlError `SPILL_PATH_TAKEN` when other documents have all of its paths.
   */
  store(document: NamedDocument, abortSignal: AbortSignal | undefined): Promise<string>;
}
