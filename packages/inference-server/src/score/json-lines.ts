import { ValidationError } from '@azureml-ts/common';
import { jsonResult } from './json-result.ts';
import { ScoringResponse, type ScoringResponseOptions } from './scoring-response.ts';

/**
 * Answers with one line of JSON for each value, sent as soon as it is there: for results that take long or are many.
 *
 * The values fall under the same rules as what `run()` returns. When one fails after the first was sent, the connection is
 * cut, so that the caller sees that the answer is not whole.
 *
 * @param values The values; an async generator, for example.
 * @param options As for {@link ScoringResponse}; the type is `application/x-ndjson` by default.
 * @throws ValidationError `VALIDATION`
 * @example
 * ```ts
 * import { jsonLines, startServer } from '@azureml-ts/inference-server';
 *
 * async function* tokens(text: string) {
 *   for (const token of text.split(' ')) yield { token };
 * }
 * const server = await startServer({ run: (rawData) => jsonLines(tokens(rawData)), port: 0, host: '127.0.0.1' });
 * const response = await fetch(`${server.url}/score`, { method: 'POST', body: 'a b' });
 * console.log(await response.text()); // {"token":"a"}\n{"token":"b"}\n
 * await server.close();
 * ```
 */
export function jsonLines(
  values: AsyncIterable<unknown> | Iterable<unknown>,
  options: ScoringResponseOptions = {},
): ScoringResponse {
  const isIterable =
    typeof values === 'object' && values !== null && (Symbol.asyncIterator in values || Symbol.iterator in values);
  if (!isIterable) {
    throw new ValidationError({ path: 'values', expected: 'an iterable or async iterable', received: values });
  }
  return new ScoringResponse(lines(values), { contentType: 'application/x-ndjson', ...options });
}

async function* lines(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) {
    yield `${jsonResult(value)}\n`;
  }
}
