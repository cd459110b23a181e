import { ValidationError } from '@azureml-ts/common';
import { bindRun } from '../script/binding.ts';
import type { RequestHeaders } from '../script/scoring.ts';

/** A scoring function that gets the request itself, made by {@link rawHttp}. */
export interface RawHttpFunction<R = unknown> {
  /**
   * Scores.
   *
   * @param request The request.
   */
  (request: Request): R;
  /** The shape of every scoring function; the server never calls it so. */
  (rawData: string, requestHeaders: RequestHeaders): R;
}

/**
 * Has a scoring function get the request itself: a web `Request` with `url`, `method`, `headers`, its body as a stream, and
 * `signal`, which is aborted when the caller goes away. It is called for every method at `/score`, `OPTIONS` too.
 *
 * It returns a web `Response`, a `ScoringResponse`, or what any `run()` may return. The body is as it was sent: a content
 * encoding is not undone. Reading more of it than the server allows fails, and is answered with 413.
 *
 * Source: `@rawhttp` of the Python package azureml-contrib-services, which switches every function of the script; here only
 * the given one is concerned.
 *
 * @param run Called with each request.
 * @throws ValidationError `VALIDATION`
 * @example
 * ```ts
 * import { rawHttp, startServer } from '@azureml-ts/inference-server';
 *
 * const run = rawHttp(async (request) => {
 *   const image = await request.arrayBuffer();
 *   return Response.json({ bytes: image.byteLength }, { status: 201 });
 * });
 *
 * const server = await startServer({ run, port: 0, host: '127.0.0.1' });
 * const response = await fetch(`${server.url}/score`, { method: 'PUT', body: Uint8Array.of(1, 2, 3) });
 * console.log(response.status, await response.json()); // 201 { bytes: 3 }
 * await server.close();
 * ```
 */
export function rawHttp<R>(run: (request: Request) => R): RawHttpFunction<R> {
  if (typeof run !== 'function') {
    throw new ValidationError({ path: 'run', expected: 'a function', received: run });
  }
  return bindRun((request: Request) => run(request), { kind: 'rawHttp' }) as RawHttpFunction<R>;
}
