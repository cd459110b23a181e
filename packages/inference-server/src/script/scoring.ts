/** Headers of a scoring request: names in lower case, repeated headers joined by `, `. */
export type RequestHeaders = Readonly<Record<string, string>>;

/**
 * What a scoring script gives: prepare once, then answer each request.
 *
 * Source: `init()` and `run(raw_data)` of an Azure Machine Learning scoring script; here both may be asynchronous.
 */
export interface Scoring {
  /** Called once, before the port is opened: load the model here. */
  init?(): unknown;
  /**
   * Called for each `POST /score`.
   *
   * @param rawData Body of the request as text.
   * @param requestHeaders Headers of the request.
   * @returns What to answer, as a value that JSON can hold; nothing becomes `{}`.
   */
  run(rawData: string, requestHeaders: RequestHeaders): unknown;
}
