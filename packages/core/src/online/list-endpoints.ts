import { ValidationError, type WaitOptions } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, valueAt } from '../azure/json-object.ts';
import { listResources } from '../azure/pages.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkResource, ONLINE_API_VERSION, onlineEndpointsUrl } from './online-api.ts';

type Entry = string | readonly [name: string, value: string];

/** Options of `OnlineEndpoint.list`. */
export interface ListOnlineEndpointsOptions extends WaitOptions {
  /** Only endpoints with these tags: a name, or a name and its value. */
  readonly tags?: readonly Entry[] | undefined;
  /** Only endpoints with these properties: a name, or a name and its value. */
  readonly properties?: readonly Entry[] | undefined;
}

/** The endpoints of a workspace as the service answers them, a page at a time. */
export async function* listEndpoints(
  workspace: Workspace,
  options: ListOnlineEndpointsOptions,
): AsyncGenerator<JsonObject> {
  const { tags = [], properties = [], ...wait } = options;
  checkEntries('tags', tags);
  checkEntries('properties', properties);
  const query = { 'api-version': ONLINE_API_VERSION, tags: filterText(tags), properties: filterText(properties) };
  const first = {
    url: onlineEndpointsUrl(workspace),
    query,
    what: `Listing the online endpoints of workspace "${workspace.workspaceName}"`,
  };
  for await (const resource of listResources(workspace.azure, first, wait)) {
    checkResource(resource, first.what);
    if (hasEntries(resource['tags'], tags) && hasEntries(valueAt(resource, 'properties', 'properties'), properties)) {
      yield resource;
    }
  }
}

/** The filter for the service: what its comma separated form can carry; the rest is looked for in the answer. */
function filterText(entries: readonly Entry[]): string | undefined {
  const carried = entries
    .filter((entry) => ![entry].flat().some((text) => /[,=]/.test(text)))
    .map((entry) => [entry].flat().join('='));
  return carried.length === 0 ? undefined : carried.join(',');
}

function hasEntries(object: unknown, entries: readonly Entry[]): boolean {
  return entries.every((entry) => {
    const [name, value] = typeof entry === 'string' ? [entry] : entry;
    return (
      isJsonObject(object) &&
      Object.hasOwn(object, String(name)) &&
      (value === undefined || object[String(name)] === value)
    );
  });
}

function checkEntries(path: string, entries: unknown): void {
  const isEntry = (entry: unknown) =>
    typeof entry === 'string' ||
    (Array.isArray(entry) && entry.length === 2 && entry.every((text) => typeof text === 'string'));
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new ValidationError({
      path,
      expected: "an array of names, or of pairs such as ['team', 'risk']",
      received: entries,
    });
  }
}
