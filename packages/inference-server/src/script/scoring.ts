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
   * Called for each request to `/score`.
   *
   * @param rawData Body of the request as text; of `GET`, the query as the text of a JSON object. With a schema, the
   *   inputs by name.
   * @param requestHeaders Headers of the request.
   * @returns What to answer: a value that JSON can hold, where nothing becomes `{}`; or a `ScoringResponse` or a web
   *   `Response`.
   */
  run(rawData: string, requestHeaders: RequestHeaders): unknown;
}
