import { CollectorError } from '../collector-error.ts';
import { readConfigFile } from './config-file.ts';

/** What is set for one collection. */
export interface CollectionSettings {
  /** Whether it is on. */
  readonly enabled: boolean;
  /** Share of its records that is kept, 0 to 1. */
  readonly samplingRate: number;
}

/** What the platform has set for the collectors of a process. */
export interface PlatformSettings {
  /** Whether anything is set: neither the file nor the switch is in most places but a deployment. */
  readonly isGiven: boolean;
  /** Whether any collection of the scoring script's own is on. */
  readonly enabled: boolean;
  /** What is set for a collection, whatever the case of its name; `undefined` when it is not on a list. */
  collection(name: string): CollectionSettings | undefined;
  /** Where the sidecar listens. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** Whether records are printed instead. */
  readonly isLocal: boolean;
  /** Most records that wait, when that is set. */
  readonly queueCapacity: number | undefined;
  /** What keeps everything off. */
  readonly fault: CollectorError | undefined;
  /** What is set but not used, each as a sentence. */
  readonly unused: readonly string[];
}

/** Address of the sidecar when none is set. Source: the Python collector. */
export const SIDECAR_HOST = '127.0.0.1';
/** Port of the sidecar when none is set. Source: the Python collector. */
export const SIDECAR_PORT = 50_011;

/** Collections that the platform itself fills. */
const PAYLOADS = new Set(['request', 'response']);

/**
 * Reads what the platform has set, from the environment and the file that it names. Done anew for every collector, so
 * that one made after a change sees it.
 *
 * Source: azureml-ai-monitoring 1.0.0; what it reads wrongly is read as it is meant: `sampling_percentage`, which local
 * deployments write, counts as `sampleRatePercentage`, names agree whatever their case, and `"false"` is off.
 */
export function readSettings(environment: NodeJS.ProcessEnv): PlatformSettings {
  const unused: string[] = [];
  const path = environment['AZUREML_MDC_CONFIG_PATH']?.trim();
  const isSwitched = (environment['AZUREML_MDC_ENABLED']?.trim() ?? '') !== '';
  const host = environment['AZUREML_MDC_HOST']?.trim() || SIDECAR_HOST;
  const portText = environment['AZUREML_MDC_PORT']?.trim() || String(SIDECAR_PORT);
  const port = Number(portText);
  const isPort = /^\d+$/.test(portText) && port >= 1 && port <= 65_535;
  const shared = { isGiven: Boolean(path) || isSwitched, host, port: isPort ? port : SIDECAR_PORT, unused };
  const portFault = isPort
    ? undefined
    : new CollectorError(
        'PORT_NOT_A_NUMBER',
        `AZUREML_MDC_PORT must be a port, from 1 to 65535, but is ${JSON.stringify(portText.slice(0, 40))}. Nothing is collected.`,
      );
  if (path) {
    return { ...shared, ...ofFile(path, portFault, unused) };
  }
  const samplingRate = percentage(environment['AZUREML_MDC_SAMPLE_RATE'], 'AZUREML_MDC_SAMPLE_RATE', unused);
  if (isTrue(environment['AZUREML_MDC_FORMAT_COMPACT'])) {
    unused.push('AZUREML_MDC_FORMAT_COMPACT is set, but records are always sent as JSON.');
  }
  return {
    ...shared,
    enabled: isTrue(environment['AZUREML_MDC_ENABLED']) && portFault === undefined,
    collection: () => ({ enabled: true, samplingRate }),
    isLocal: isTrue(environment['AZUREML_MDC_LOCAL_CAPTURE']),
    queueCapacity: capacity(environment['AZUREML_MDC_QUEUE_CAPACITY'], unused),
    fault: portFault,
  };
}

type FileSettings = Pick<PlatformSettings, 'enabled' | 'collection' | 'isLocal' | 'queueCapacity' | 'fault'>;

function ofFile(path: string, portFault: CollectorError | undefined, unused: string[]): FileSettings {
  const content = readConfigFile(path);
  if (content instanceof CollectorError || portFault !== undefined) {
    const fault = content instanceof CollectorError ? content : portFault;
    return { enabled: false, collection: () => undefined, isLocal: false, queueCapacity: undefined, fault };
  }
  const collections = new Map<string, CollectionSettings>();
  for (const [name, { enabled, sampling }] of content.collections) {
    const samplingRate = percentage(sampling, `sampleRatePercentage of ${JSON.stringify(name)} in ${path}`, unused);
    collections.set(name.toLowerCase(), { enabled: isOn(enabled), samplingRate });
  }
  return {
    enabled: [...collections].some(([name, { enabled }]) => enabled && !PAYLOADS.has(name)),
    collection: (name) => collections.get(name.toLowerCase()),
    isLocal: content.runMode.toLowerCase() === 'local',
    queueCapacity: undefined,
    fault: undefined,
  };
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true';
}

/** A switch in the file: JSON's own, or a text that means it. */
function isOn(value: unknown): boolean {
  return typeof value === 'string' ? !/^\s*(false|no|off|0)?\s*$/i.test(value) : Boolean(value);
}

/** A share from percent. */
function percentage(value: unknown, what: string, unused: string[]): number {
  if (value === undefined || value === null || value === '') {
    return 1;
  }
  const percent = typeof value === 'string' ? Number(value.trim() || Number.NaN) : value;
  if (typeof percent !== 'number' || !Number.isFinite(percent)) {
    unused.push(`${what} must be a number from 0 to 100. It is not used; every record is kept.`);
    return 1;
  }
  if (percent < 0 || percent > 100) {
    unused.push(
      `${what} must be a number from 0 to 100, but is ${percent}. ${percent < 0 ? 'No' : 'Every'} record is kept.`,
    );
  }
  return Math.min(1, Math.max(0, percent / 100));
}

function capacity(text: string | undefined, unused: string[]): number | undefined {
  if (text === undefined || text.trim() === '') {
    return undefined;
  }
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    unused.push('AZUREML_MDC_QUEUE_CAPACITY must be a whole number from 1. It is not used.');
    return undefined;
  }
  return count;
}
