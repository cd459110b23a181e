import { isRecord } from '../../telemetry/json-record.ts';
import { hasEntries } from '../paging.ts';
import type { AzureResource } from '../stand-in-types.ts';

/** Whether a service is asked for by the filters of a list. @internal */
export function isListed(resource: AzureResource, query: URLSearchParams): boolean {
  const asks = (name: string, holds: (value: string) => boolean) => {
    const value = query.get(name);
    return value === null || holds(value);
  };
  return (
    asks('name', (name) => resource['name'] === name) &&
    asks('computeType', (type) => String(resource['computeType']).toLowerCase() === type.toLowerCase()) &&
    asks('imageId', (id) => resource['imageId'] === id) &&
    asks('imageDigest', (digest) => resource['imageDigest'] === digest) &&
    asks('imageName', (name) => imageName(resource) === name) &&
    asks('modelId', (id) => modelIds(resource).includes(id)) &&
    asks('modelName', (name) => modelIds(resource).some((id) => id.replace(/:[^:]*$/, '') === name)) &&
    hasEntries(resource['kvTags'], query.get('tags')) &&
    hasEntries(resource['properties'], query.get('properties'))
  );
}

/** Services in the order that a list asks for; last changed first by default. @internal */
export function inOrder<T extends { readonly resource: AzureResource }>(services: T[], orderBy: string | null): T[] {
  const [, field = 'Updated', direction = 'Desc'] = /^(Created|Updated)At(Asc|Desc)$/i.exec(orderBy ?? '') ?? [];
  const time = ({ resource }: T) => String(resource[field.toLowerCase() === 'created' ? 'createdTime' : 'updatedTime']);
  const sign = direction.toLowerCase() === 'asc' ? 1 : -1;
  return services.sort((left, right) => sign * (time(left) < time(right) ? -1 : time(left) > time(right) ? 1 : 0));
}

function imageName(resource: AzureResource): unknown {
  const details = resource['imageDetails'];
  return isRecord(details) ? details['name'] : String(resource['imageId'] ?? '').replace(/:[^:]*$/, '');
}

/** Ids of the models of a service, and of the versions of an endpoint. */
function modelIds(resource: AzureResource): string[] {
  const own = Array.isArray(resource['modelIds']) ? resource['modelIds'] : [];
  const models = Array.isArray(resource['models']) ? resource['models'] : [];
  const versions = isRecord(resource['versions']) ? Object.values(resource['versions']) : [];
  return [
    ...own.map(String),
    ...models.filter(isRecord).map((model) => String(model['id'] ?? '')),
    ...versions.filter(isRecord).flatMap(modelIds),
  ];
}
