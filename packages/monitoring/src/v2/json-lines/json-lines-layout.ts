import type { JsonValue } from '@azureml-ts/common';
import type { WorkspaceIdentity } from '../../format/blob-path.ts';
import type { EncodedLines } from '../../format/encode-rows.ts';
import { asciiLines } from '../ascii-lines.ts';
import { plainText } from '../frame/json-text.ts';
import type { CollectedRecord } from '../record.ts';
import { RecordLayout, type Unfit } from '../record-layout.ts';
import { timeText } from '../time-text.ts';
import { JsonLinesFiles } from './json-lines-files.ts';
import { RecordLines, type RecordLinesOptions } from './record-lines.ts';

/** Fields that headers of a context must not take. */
const RESERVED = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'datacontenttype',
  'time',
  'data',
  'dataref',
  'datainblob',
  'contentrange',
  'correlationid',
  'xrequestid',
  'modelversion',
  'collectdatatype',
  'agent',
  'path',
  'method',
]);

/** What the records of a collection share. */
export interface JsonLinesOptions extends RecordLinesOptions {
  /** The folder in the container, where it is named. */
  readonly path?: string | undefined;
}

/** Records as lines of JSON, each a structured event of CloudEvents 1.0, as the platform stores them. */
export class JsonLinesLayout extends RecordLayout {
  readonly files: JsonLinesFiles;
  readonly #options: JsonLinesOptions;
  readonly #lines: RecordLines;

  /** @param options What the records share. */
  constructor(options: JsonLinesOptions) {
    const { collection, modelVersion, source, path } = options;
    super(JSON.stringify([collection, modelVersion, source, path ?? null]));
    this.#options = options;
    this.files = new JsonLinesFiles(path);
    this.#lines = new RecordLines(options);
  }

  /** Makes one from what a journal kept; `undefined` when it holds something else. */
  static read(record: Readonly<Record<string, unknown>>): JsonLinesLayout | undefined {
    const { collection, modelVersion, source, path } = record;
    return typeof collection === 'string' && typeof modelVersion === 'string' && typeof source === 'string'
      ? new JsonLinesLayout({ collection, modelVersion, source, path: typeof path === 'string' ? path : undefined })
      : undefined;
  }

  /** See {@link RecordLayout.toRecord}. */
  toRecord(): { readonly [field: string]: JsonValue } {
    const { collection, modelVersion, source, path } = this.#options;
    return { layout: this.files.name, collection, modelVersion, source, ...(path === undefined ? {} : { path }) };
  }

  /** See {@link RecordLayout.unfit}. */
  unfit({ headers }: CollectedRecord['context']): Unfit {
    return { headers: attributesOf(headers).leftOut, isTooLong: false };
  }

  protected write(records: readonly CollectedRecord[]): EncodedLines {
    return asciiLines(records.map((record) => this.#line(record)).join(''), records.length);
  }

  #line({ id, context, body }: CollectedRecord): string {
    const time = `${timeText(context.timestamp).slice(0, 19)}Z`;
    const { attributes } = attributesOf(context.headers);
    return this.#lines.line({ id, body, time, correlationId: context.id, requestId: context.id, attributes });
  }
}

/** Headers of a context as further attributes. Their names have only small letters and digits. Source: CloudEvents 1.0. */
function attributesOf(headers: CollectedRecord['context']['headers']): {
  attributes: [name: string, json: string][];
  leftOut: string[];
} {
  const taken = new Set(RESERVED);
  const attributes: [name: string, json: string][] = [];
  const leftOut: string[] = [];
  for (const [name, value] of headers) {
    const attribute = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    if (attribute === '' || taken.has(attribute)) {
      leftOut.push(name);
    } else {
      taken.add(attribute);
      attributes.push([attribute, plainText(value)]);
    }
  }
  return { attributes, leftOut };
}

/** The ARM id of a deployment, as records name their source. */
export function deploymentSource(workspace: WorkspaceIdentity, endpointName: string, deploymentName: string): string {
  const { subscriptionId, resourceGroup, workspaceName } = workspace;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}/onlineEndpoints/${endpointName}/deployments/${deploymentName}`;
}
