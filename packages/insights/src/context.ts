import { hostname } from 'node:os';
import { activeSpan, currentRequest } from '@azureml-ts/common';
import { type Operation, operationOf } from './items/operation.ts';
import { cutText } from './items/shorten.ts';
import { modelNames, modelNamesText } from './model-names.ts';
import { SDK_VERSION } from './version.ts';

const MAX_ID = 512;

/** Who sends the telemetry. Each field has its environment variable. */
export interface InsightsContext {
  /** Name of the web service. Default `SERVICE_NAME`. */
  readonly serviceName?: string | undefined;
  /** Name of the workspace. Default `WORKSPACE_NAME`, else `AZUREML_ARM_WORKSPACE_NAME`. */
  readonly workspaceName?: string | undefined;
  /** Name of the container or machine. Default `HOSTNAME`, else the name of the machine. */
  readonly containerId?: string | undefined;
  /**
   * The models that the service has, for example `['best_model:10']`. Default: read from the folder that
   * `AZUREML_MODEL_DIR` names.
   */
  readonly modelNames?: readonly string[] | undefined;
}

/** A request as items refer to it. @internal */
export interface RequestReference {
  readonly requestId: string;
  readonly clientRequestId?: string | undefined;
  readonly operation: Operation;
}

/** Tags and properties that every item of a process shares. @internal */
export class ItemContext {
  readonly #tags: Readonly<Record<string, string>>;
  readonly #properties: Readonly<Record<string, string>>;

  constructor(context: InsightsContext, environment: NodeJS.ProcessEnv = process.env) {
    const serviceName = context.serviceName ?? environment['SERVICE_NAME'];
    const workspaceName =
      context.workspaceName ?? (environment['WORKSPACE_NAME'] || environment['AZUREML_ARM_WORKSPACE_NAME']);
    const containerId = context.containerId ?? (environment['HOSTNAME'] || hostname());
    this.#tags = withoutEmpty({
      'ai.cloud.role': cutText(serviceName ?? '', 256),
      'ai.cloud.roleInstance': cutText(containerId, 256),
      'ai.internal.sdkVersion': `azureml-ts:${SDK_VERSION}`,
    });
    this.#properties = withoutEmpty({
      'Workspace Name': cutText(workspaceName ?? '', MAX_ID),
      'Service Name': cutText(serviceName ?? '', MAX_ID),
      'Container Id': cutText(containerId, MAX_ID),
      Models: modelNamesText(context.modelNames ?? modelNames(environment['AZUREML_MODEL_DIR'])),
    });
  }

  /** @param parentSpanId What caused the item: the span of the request for what happens inside. */
  tags(request: RequestReference | undefined, parentSpanId: string | undefined): Record<string, string> {
    const tags = { ...this.#tags };
    put(tags, 'ai.operation.id', request?.operation.traceId, 128);
    put(tags, 'ai.operation.parentId', parentSpanId, 128);
    return tags;
  }

  properties(request: RequestReference | undefined): Record<string, string> {
    const properties: Record<string, string> = {};
    put(properties, 'Request Id', request?.requestId, MAX_ID);
    put(properties, 'Client Request Id', request?.clientRequestId, MAX_ID);
    return Object.assign(properties, this.#properties);
  }
}

function put(values: Record<string, string>, key: string, value: string | undefined, maxCharacters: number): void {
  if (value !== undefined && value !== '') {
    values[key] = cutText(value, maxCharacters);
  }
}

/** The request that the calling code works for; outside any, the OpenTelemetry span that it runs in. @internal */
export function requestInProgress(): RequestReference | undefined {
  const request = currentRequest();
  if (request !== undefined) {
    const { requestId, clientRequestId } = request;
    return { requestId, clientRequestId, operation: operationOf(request) };
  }
  const span = activeSpan();
  return span && { requestId: '', operation: { traceId: span.traceId, spanId: span.spanId } };
}

function withoutEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
