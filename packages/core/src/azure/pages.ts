import { AzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { AzureClient, AzureRequest } from './azure-client.ts';
import { asJsonObject, type JsonObject, textAt } from './json-object.ts';
import { INVALID_HINT, invalidAnswer } from './request-failure.ts';

/**
 * Lists the resources of all pages, asking for a page when its first resource is asked for.
 *
 * @param client Sends the requests; a next page on a foreign host is refused (`FOREIGN_HOST`).
 * @param first The request for the first page.
 * @param options `abortSignal`; `timeoutMs` for each page.
 * @throws `INVALID_ANSWER` for a page without a list, an entry without a name, and pages that go round in a circle.
 */
export async function* listResources(
  client: AzureClient,
  first: Pick<AzureRequest, 'url' | 'query' | 'what' | 'headers'>,
  options: WaitOptions,
): AsyncGenerator<JsonObject> {
  // A circle of any length comes by the link of a mark; marks stand ever further apart (Brent), so that one is enough.
  let mark: string | undefined;
  let pagesToMark = 1;
  let pages = 0;
  let next: Pick<AzureRequest, 'url' | 'query' | 'what' | 'headers'> | undefined = first;
  while (next !== undefined) {
    const { json } = await client.send({ ...next, ...options, method: 'GET' });
    const { value, nextLink } = asJsonObject(json, `${first.what}: the answer`);
    if (!Array.isArray(value)) {
      throw invalidAnswer(first.what, 'without a list');
    }
    for (const item of value) {
      const resource = asJsonObject(item, `${first.what}: an entry of the answer`);
      if (!textAt(resource, 'name')) {
        throw invalidAnswer(first.what, 'with an entry that has no name');
      }
      yield resource;
    }
    if (typeof nextLink === 'string' && nextLink === mark) {
      throw new AzuremlError(
        'INVALID_ANSWER',
        `${first.what}: a page names itself or an earlier one as the next. ${INVALID_HINT}`,
      );
    }
    pages += 1;
    if (pages === pagesToMark) {
      mark = typeof nextLink === 'string' ? nextLink : undefined;
      pagesToMark *= 2;
    }
    next =
      typeof nextLink === 'string' && nextLink !== ''
        ? { url: nextLink, what: first.what, ...(first.headers === undefined ? {} : { headers: first.headers }) }
        : undefined;
  }
}
