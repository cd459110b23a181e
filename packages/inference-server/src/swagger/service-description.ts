import { textSetting } from '../http/settings.ts';
import type { Binding } from '../script/binding.ts';
import type { ServiceDescription } from './document.ts';

/**
 * What `/swagger.json` says of the service as a whole.
 *
 * Source: `SERVICE_NAME` and `SERVICE_VERSION`, with the defaults of the reference inference server.
 *
 * @param pathPrefix Path before all routes.
 * @param binding How `run()` gets its request.
 */
export function serviceDescription(pathPrefix: string, binding: Binding): ServiceDescription {
  return {
    name: textSetting('SERVICE_NAME') ?? 'ML service',
    version: textSetting('SERVICE_VERSION') ?? '1.0',
    pathPrefix,
    schema: binding.kind === 'schema' ? binding.schema : undefined,
  };
}
