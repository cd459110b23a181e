import { isRecord } from '../../telemetry/json-record.ts';
import type { AzureRequest } from '../answer.ts';
import type { AzureResource } from '../stand-in-types.ts';

/** Versions that speak of endpoints and deployments. @internal */
export const ENDPOINT_VERSIONS: readonly string[] = ['2022-10-01', '2024-04-01'];
/** Versions that speak of the workspace. @internal */
export const WORKSPACE_VERSIONS: readonly string[] = ['2021-04-01', ...ENDPOINT_VERSIONS];

/** Fields that came with a later version, and the first one that has them. */
const SINCE: Readonly<Record<string, string>> = {
  dataCollector: '2024-04-01',
  mirrorTraffic: '2024-04-01',
};

/** A resource as the version of the request shows it. @internal */
export function forVersion(request: AzureRequest, resource: AzureResource): AzureResource {
  const version = versionOf(request) ?? '';
  const { properties } = resource;
  if (!isRecord(properties)) {
    return resource;
  }
  const shown = Object.entries(properties).filter(([name]) => (SINCE[name] ?? '') <= version);
  return { ...resource, properties: Object.fromEntries(shown) };
}

/** The version that a request asks for. @internal */
export function versionOf(request: AzureRequest): string | undefined {
  return request.url.searchParams.get('api-version') ?? undefined;
}
