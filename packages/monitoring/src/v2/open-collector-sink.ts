import { errorMessage, ValidationError } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import { checkStorageTarget, parseStorageTarget } from '../storage/storage-target.ts';
import { CollectorError } from './collector-error.ts';
import type { CollectorOptions, CollectorSink, JsonLinesTarget, SidecarTarget } from './collector-options.ts';
import { checkFolder } from './json-lines/json-lines-files.ts';
import { deploymentSource, JsonLinesLayout } from './json-lines/json-lines-layout.ts';
import { JsonLinesSink } from './json-lines/json-lines-sink.ts';
import type { RecordLayout } from './record-layout.ts';
import type { PlatformSettings } from './settings/read-settings.ts';
import { SidecarLayout } from './sidecar/sidecar-layout.ts';
import { SidecarSink } from './sidecar/sidecar-sink.ts';
import { StandardOutputLayout } from './standard-output/standard-output-layout.ts';
import { StandardOutputSink } from './standard-output/standard-output-sink.ts';

/** Where a collector's records go, and how they are written there. */
export interface OpenedSink {
  readonly sink: RowSink;
  readonly layout: RecordLayout;
  readonly stream: StreamIdentity;
  /** Whether files are told by the hour of the record. */
  readonly isByHour: boolean;
  /** Whether records survive the end of the process unless an option says otherwise. */
  readonly isJournaled: boolean;
  /** Sizes and times that fit it. */
  readonly flushIntervalMs: number;
  readonly maxBatchBytes: number;
  /** Lets go of what it holds open. */
  close(): void;
}

const SOON = { flushIntervalMs: 20, maxBatchBytes: 65_536 };
const LATER = { flushIntervalMs: 10_000, maxBatchBytes: 1_048_576 };
const nothing = () => undefined;

/**
 * Opens where records go. Nothing is sent or written yet.
 *
 * @param options The collector's options.
 * @param settings What the platform has set.
 * @param environment Defaults.
 * @returns An error, not thrown, when a setting of the environment cannot be used.
 * @throws ValidationError (`VALIDATION`) when an option cannot be used.
 */
export function openCollectorSink(
  options: CollectorOptions,
  settings: PlatformSettings,
  environment: NodeJS.ProcessEnv,
): OpenedSink | CollectorError {
  const given = options.sink ?? storageOf(environment);
  if (given instanceof CollectorError) {
    return given;
  }
  const sink = given ?? (settings.isLocal ? 'stdout' : 'sidecar');
  const stream = streamOf(options, isJsonLines(sink) ? sink : {}, environment);
  const modelVersion = String(options.modelVersion ?? 'default');
  if (sink === 'stdout') {
    const layout = new StandardOutputLayout(options.name);
    return {
      ...SOON,
      sink: new StandardOutputSink(),
      layout,
      stream,
      isByHour: false,
      isJournaled: false,
      close: nothing,
    };
  }
  if (sink === 'sidecar' || isSidecar(sink)) {
    const {
      host = settings.host,
      port = settings.port,
      requestTimeoutMs,
    }: Partial<SidecarTarget> = sink === 'sidecar' ? {} : sink;
    const opened = new SidecarSink({ host, port, requestTimeoutMs });
    const layout = new SidecarLayout(options.name, modelVersion);
    return {
      ...SOON,
      sink: opened,
      layout,
      stream,
      isByHour: false,
      isJournaled: true,
      close: () => opened.close(),
    };
  }
  const source = deploymentSource(stream.workspace, stream.webserviceName, stream.modelName);
  const path = isJsonLines(sink) && sink.path !== undefined ? checkFolder('sink.path', sink.path) : undefined;
  const layout = new JsonLinesLayout({ collection: options.name, modelVersion, source, path });
  layout.files.checkStream(stream);
  if (isOwnSink(sink)) {
    // Without `record`: there is no ledger of records.
    const { name, appendTimeoutMs } = sink;
    const own = { name, appendTimeoutMs, append: sink.append.bind(sink) } satisfies RowSink;
    return { ...SOON, sink: own, layout, stream, isByHour: true, isJournaled: false, close: nothing };
  }
  const container = sink.container ?? (environment['AML_COLLECTOR_CONTAINER']?.trim() || undefined);
  const opened = new JsonLinesSink(targetOf(sink), container);
  return { ...LATER, sink: opened, layout, stream, isByHour: true, isJournaled: true, close: nothing };
}

/** Whether the environment names a storage for records. */
export function namesStorage(environment: NodeJS.ProcessEnv): boolean {
  return (environment['AML_COLLECTOR_STORAGE']?.trim() ?? '') !== '';
}

function storageOf(environment: NodeJS.ProcessEnv): JsonLinesTarget | CollectorError | undefined {
  const setting = environment['AML_COLLECTOR_STORAGE']?.trim() ?? '';
  if (setting === '') {
    return undefined;
  }
  try {
    return parseStorageTarget(setting, 'AML_COLLECTOR_STORAGE');
  } catch (error) {
    return new CollectorError('STORAGE_NOT_CONFIGURED', `${errorMessage(error)} Nothing is collected.`, error);
  }
}

/** Checks the shape of the option `sink`. */
export function checkSink(sink: unknown): void {
  if (sink === 'sidecar' || sink === 'stdout') {
    return;
  }
  if (typeof sink !== 'object' || sink === null) {
    throw new ValidationError({
      path: 'sink',
      expected: "'sidecar', 'stdout', { host, port }, a storage target or an object with append(batch, context)",
      received: sink,
    });
  }
  if (isOwnSink(sink as CollectorSink)) {
    if (typeof (sink as RowSink).append !== 'function') {
      throw new ValidationError({ path: 'sink.append', expected: 'a function' });
    }
    return;
  }
  if ('port' in sink || 'host' in sink) {
    const { host, port, requestTimeoutMs } = sink as Partial<Record<keyof SidecarTarget, unknown>>;
    if (!(Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535)) {
      throw new ValidationError({ path: 'sink.port', expected: 'a port, from 1 to 65535', received: port });
    }
    if (host !== undefined && (typeof host !== 'string' || host === '')) {
      throw new ValidationError({ path: 'sink.host', expected: 'a host name or an address', received: host });
    }
    if (requestTimeoutMs !== undefined && !((requestTimeoutMs as number) >= 1)) {
      throw new ValidationError({
        path: 'sink.requestTimeoutMs',
        expected: 'a number of milliseconds, 1 or more',
        received: requestTimeoutMs,
      });
    }
    return;
  }
  checkStorageTarget(targetOf(sink as JsonLinesTarget), 'sink');
}

function isOwnSink(sink: CollectorSink): sink is RowSink {
  return typeof sink === 'object' && 'append' in sink;
}

function isSidecar(sink: CollectorSink): sink is SidecarTarget {
  return typeof sink === 'object' && 'port' in sink;
}

function isJsonLines(sink: CollectorSink): sink is JsonLinesTarget {
  return typeof sink === 'object' && !isOwnSink(sink) && !isSidecar(sink);
}

function targetOf({ container, endpointName, deploymentName, path, ...target }: JsonLinesTarget): JsonLinesTarget {
  return target as JsonLinesTarget;
}

function streamOf(
  { name, workspace = {} }: CollectorOptions,
  { endpointName, deploymentName }: Partial<Record<'endpointName' | 'deploymentName', string | undefined>>,
  environment: NodeJS.ProcessEnv,
): StreamIdentity {
  const part = (option: string | undefined, variable: string | undefined) => option ?? (variable?.trim() || 'default');
  return {
    workspace: {
      subscriptionId: part(workspace.subscriptionId, environment['AZUREML_ARM_SUBSCRIPTION']),
      resourceGroup: part(workspace.resourceGroup, environment['AZUREML_ARM_RESOURCEGROUP']),
      workspaceName: part(
        workspace.workspaceName,
        environment['AZUREML_ARM_WORKSPACE_NAME'] || environment['WORKSPACE_NAME'],
      ),
    },
    webserviceName: part(endpointName, environment['SERVICE_NAME']),
    modelName: part(deploymentName, environment['AML_COLLECTOR_DEPLOYMENT']),
    modelVersion: 'default',
    designation: name,
  };
}
