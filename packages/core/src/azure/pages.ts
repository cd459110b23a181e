import { AzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { AzureClient, AzureRequest } from './azure-client.ts';
import { asJsonObject, type JsonObject } from './json-object.ts';
import { INVALID_HINT } from './request-failure.ts';

/**
 * Lists the resources of all pages, asking for a page when its first resource is asked for.
 *
 * @param client Sends the requests; a next page on a foreign host is refused (`FOREIGN_HOST`).
 * @param first The request for the first page.
 * @param options `abortSignal`; `timeoutMs` for each page.
 */
export async function* listResources(
  client: AzureClient,
  first: Pick<AzureRequest, 'url' | 'query' | 'what' | 'headers'>,
  options: WaitOptions,
): AsyncGenerator<JsonObject> {
  const links = new Set<string>();
  let next: Pick<AzureRequest, 'url' | 'query' | 'what' | 'headers'> | undefined = first;
  while (next !== undefined) {
    const { json } = await client.send({ ...next, ...options, method: 'GET' });
    const { value, nextLink } = asJsonObject(json, `${first.what}: the answer`);
    for (const item of Array.isArray(value) ? value : []) {
      yield asJsonObject(item, `${first.what}: an entry of the answer`);
    }
    if (typeof nextLink === 'string' && links.size === links.add(nextLink).size) {
      throw new AzuremlError(
        'INVALID_ANSWER',
        `${first.what}: a page names itself or an earlier one as the next. ${INVALID_HINT}`,
      );
    }
    next =
      typeof nextLink === 'string' && nextLink !== ''
        ? { url: nextLink, what: first.what, ...(first.headers === undefined ? {} : { headers: first.headers }) }
        : undefined;
  }
}
