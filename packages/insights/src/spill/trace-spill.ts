/** What a spilled text is: a printed value, a body, or another property of an item. */
export type SpilledKind = 'print' | 'input' | 'output' | 'property';

/** A text that is too long for an item. */
export interface SpilledDocument {
  /** The whole text, UTF-8. */
  readonly content: Uint8Array;
  /** `application/json`, or `text/plain; charset=utf-8` for a text that is no JSON. */
  readonly contentType: string;
  /** What it is. */
  readonly kind: SpilledKind;
  /** Request that it belongs to. */
  readonly requestId?: string | undefined;
  /** When it was printed or tracked. */
  readonly time: Date;
}

/**
 * A store of texts that are too long for an item. `createTraceSpill` of `@azureml-ts/monitoring` makes one for Blob
 * Storage and folders.
 */
export interface TraceSpill {
  /**
   * Stores a document; never over another one.
   *
   * @param document The document. Its bytes are not changed afterwards.
   * @param context `abortSignal` fires when nobody waits any more.
   * @returns Where it is: an address without secrets, since everybody who reads the traces sees it.
   */
  write(document: SpilledDocument, context: { readonly abortSignal: AbortSignal }): Promise<{ readonly url: string }>;
}
