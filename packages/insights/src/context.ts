import { hostname } from 'node:os';
import { activeSpan, currentRequest } from '@azureml-ts/common';
import { type JsonBytes, jsonPiece, membersJson } from './items/json-bytes.ts';
import { type Operation, operationOf } from './items/operation.ts';
import { cutText } from './items/shorten.ts';
import type { ShownText } from './items/shown-text.ts';
import { modelNames, modelNamesText } from './model-names.ts';
import { SDK_VERSION } from './version.ts';

const MAX_ID = 512;
const MAX_OPERATION_ID = 128;
const MAX_OPERATION_NAME = 1024;

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
  /** What requests of its kind are called, where that is known. */
  readonly operationName?: ShownText | undefined;
}

const OPERATION_ID = jsonPiece(',"ai.operation.id":');
const OPERATION_NAME = jsonPiece(',"ai.operation.name":');
const PARENT_ID = jsonPiece(',"ai.operation.parentId":');
const REQUEST_ID = jsonPiece('"Request Id":');
const CLIENT_REQUEST_ID = jsonPiece('"Client Request Id":');
const COMMA = 0x2c;

/** Tags and properties that every item of a process shares. @internal */
export class ItemContext {
  /** JSON of the tags, without braces. */
  readonly #tags: Uint8Array;
  readonly #properties: Readonly<Record<string, string>>;
  /** JSON of the properties without braces, with a comma at its end. */
  readonly #propertiesJson: Uint8Array;

  constructor(context: InsightsContext, environment: NodeJS.ProcessEnv = process.env) {
    const serviceName = context.serviceName ?? environment['SERVICE_NAME'];
    const workspaceName =
      context.workspaceName ?? (environment['WORKSPACE_NAME'] || environment['AZUREML_ARM_WORKSPACE_NAME']);
    const containerId = context.containerId ?? (environment['HOSTNAME'] || hostname());
    const tags = withoutEmpty({
      'ai.cloud.role': cutText(serviceName ?? '', 256),
      'ai.cloud.roleInstance': cutText(containerId, 256),
      'ai.internal.sdkVersion': `azureml-ts:${SDK_VERSION}`,
    });
    this.#tags = jsonPiece(membersJson(tags));
    this.#properties = withoutEmpty({
      'Workspace Name': cutText(workspaceName ?? '', MAX_ID),
      'Service Name': cutText(serviceName ?? '', MAX_ID),
      'Container Id': cutText(containerId, MAX_ID),
      Models: modelNamesText(context.modelNames ?? modelNames(environment['AZUREML_MODEL_DIR'])),
    });
    const properties = membersJson(this.#properties);
    this.#propertiesJson = jsonPiece(properties === '' ? '' : `${properties},`);
  }

  /**
   * Writes the tags of an item, without braces.
   *
   * @param parentSpanId What caused the item: the span of the request for what happens inside.
   */
  writeTags(out: JsonBytes, request: RequestReference | undefined, parentSpanId: string | undefined): void {
    out.piece(this.#tags);
    if (request?.operation.traceId) {
      out.piece(OPERATION_ID);
      out.text(cutText(request.operation.traceId, MAX_OPERATION_ID));
    }
    if (request?.operationName !== undefined) {
      out.piece(OPERATION_NAME);
      out.piece(request.operationName.within(MAX_OPERATION_NAME));
    }
    if (parentSpanId) {
      out.piece(PARENT_ID);
      out.text(cutText(parentSpanId, MAX_OPERATION_ID));
    }
  }

  /** Custom properties that every item of a request has; without one, of the process. */
  properties(request: RequestReference | undefined): Record<string, string> {
    const properties: Record<string, string> = {};
    if (request?.requestId) {
      properties['Request Id'] = cutText(request.requestId, MAX_ID);
    }
    if (request?.clientRequestId) {
      properties['Client Request Id'] = cutText(request.clientRequestId, MAX_ID);
    }
    return Object.assign(properties, this.#properties);
  }

  /** Writes the {@link properties}, without braces, each with a comma after it. */
  writeProperties(out: JsonBytes, request: RequestReference | undefined): void {
    if (request?.requestId) {
      out.piece(REQUEST_ID);
      out.text(cutText(request.requestId, MAX_ID));
      out.byte(COMMA);
    }
    if (request?.clientRequestId) {
      out.piece(CLIENT_REQUEST_ID);
      out.text(cutText(request.clientRequestId, MAX_ID));
      out.byte(COMMA);
    }
    out.piece(this.#propertiesJson);
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
