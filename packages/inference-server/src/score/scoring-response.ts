import { types } from 'node:util';
import { ValidationError } from '@azureml-ts/common';
import { http } from '../http/node-http.ts';

const BRAND = Symbol.for('@azureml-ts/inference-server/scoring-response/1');

/** Options of {@link ScoringResponse}. */
export interface ScoringResponseOptions {
  /** HTTP status, 200 to 599. Default 200. */
  readonly status?: number | undefined;
  /** More headers; an array sends a header once for each of its values. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /**
   * Type of the body. Default: `text/plain; charset=utf-8` for a text, `application/octet-stream` for bytes and streams,
   * `application/json` for everything else.
   */
  readonly contentType?: string | undefined;
  /** Whether the answer counts as a failure of `run()`, sent as `x-ms-run-function-failed`. Default: a status from 500 on. */
  readonly runFunctionFailed?: boolean | undefined;
}

/**
 * An answer of a scoring script with status, headers and type of its own.
 *
 * A text and bytes are sent as they are; a stream or async iterable of texts and bytes is sent as it comes; `undefined` is
 * an empty body; anything else is sent as JSON, under the same rules as what `run()` returns.
 *
 * Source: `AMLResponse` of the Python package azureml-contrib-services. Differences: a header value is not split at commas,
 * and JSON needs no flag.
 *
 * @example
 * ```ts
 * import { ScoringResponse, startServer } from '@azureml-ts/inference-server';
 *
 * const run = (rawData: string) =>
 *   rawData === '' ? new ScoringResponse({ reason: 'no rows' }, { status: 422, headers: { 'x-model': 'v3' } }) : 1;
 *
 * const server = await startServer({ run, port: 0, host: '127.0.0.1' });
 * const response = await fetch(`${server.url}/score`, { method: 'POST' });
 * console.log(response.status, response.headers.get('x-model'), await response.json()); // 422 v3 { reason: 'no rows' }
 * await server.close();
 * ```
 */
export class ScoringResponse {
  /** HTTP status. */
  readonly status: number;
  /** What is sent. */
  readonly body: unknown;
  /** Headers besides those of the server. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Type of the body; `undefined` for the default. */
  readonly contentType: string | undefined;
  /** Whether the answer counts as a failure of `run()`. */
  readonly runFunctionFailed: boolean;
  /** @internal */
  readonly [BRAND]: true = true;

  /**
   * @param body What to send.
   * @param options Status, headers and type.
   * @throws ValidationError `VALIDATION`
   */
  constructor(body?: unknown, options: ScoringResponseOptions = {}) {
    const { status = 200, headers = {}, contentType } = options;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new ValidationError({ path: 'status', expected: 'an integer from 200 to 599', received: status });
    }
    for (const [name, value] of Object.entries({ ...headers, 'content-type': contentType ?? '' })) {
      checkHeader(name, value);
    }
    this.status = status;
    this.body = body;
    this.headers = { ...headers };
    this.contentType = contentType;
    this.runFunctionFailed = options.runFunctionFailed ?? status >= 500;
  }
}

/** Whether a value is a {@link ScoringResponse}, of any copy of this package. */
export function isScoringResponse(value: unknown): value is ScoringResponse {
  return typeof value === 'object' && value !== null && !types.isProxy(value) && BRAND in value;
}

function checkHeader(name: string, value: unknown): void {
  try {
    http.validateHeaderName(name);
    for (const text of Array.isArray(value) ? value : [value]) {
      if (typeof text !== 'string') {
        throw new TypeError('not a text');
      }
      http.validateHeaderValue(name, text);
    }
  } catch (error) {
    throw new ValidationError({
      path: `headers.${name.slice(0, 80)}`,
      expected: 'a header that HTTP allows, its value a text or an array of texts without line ends',
      cause: error,
    });
  }
}
