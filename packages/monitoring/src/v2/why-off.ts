import type { CollectorError, CollectorErrorCode } from './collector-error.ts';
import type { CollectorOptions } from './collector-options.ts';
import { namesStorage } from './open-collector-sink.ts';
import type { PlatformSettings } from './settings/read-settings.ts';

/** A code, and what is wrong. */
export type CollectorFault = readonly [code: CollectorErrorCode, message: string];

/** A collector has no name. */
export function notNamed(): CollectorFault {
  return [
    'NAME_MISSING',
    "there is no name. Pass one, for example new Collector({ name: 'model_inputs' }). Nothing is collected.",
  ];
}

/** Why nothing is collected; `undefined` when it is. */
export function whyOff(
  name: string,
  options: CollectorOptions,
  settings: PlatformSettings,
  sinkFault: CollectorError | undefined,
): CollectorFault | undefined {
  if (name === '') {
    return notNamed();
  }
  const isElsewhere = options.sink !== undefined || namesStorage(process.env);
  if (options.enabled === false) {
    return ['COLLECTION_DISABLED', 'it is switched off by enabled: false. Nothing is collected.'];
  }
  if (sinkFault !== undefined) {
    return [sinkFault.code as CollectorErrorCode, sinkFault.message];
  }
  if (options.enabled === true || (isElsewhere && !settings.isGiven)) {
    return undefined;
  }
  if (settings.fault !== undefined) {
    return [settings.fault.code as CollectorErrorCode, settings.fault.message];
  }
  if (!settings.enabled) {
    return [
      'CUSTOM_LOGGING_DISABLED',
      'collection is off. Switch it on in the deployment (data_collector), set AZUREML_MDC_ENABLED=true where a sidecar listens, or pass sink.',
    ];
  }
  if (settings.collection(name)?.enabled !== true) {
    return [
      'COLLECTION_DISABLED',
      `the collection ${JSON.stringify(name)} is off, others are on. Switch it on in the deployment (data_collector.collections).`,
    ];
  }
  return undefined;
}
