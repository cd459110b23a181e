import { plainText } from '../frame/json-text.ts';
import { DATA_TYPE, TYPE_PREFIX } from '../record.ts';

/** Who wrote a record, in its line. */
const AGENT = 'azureml-ts';

/** What the records of a collection share. */
export interface RecordLinesOptions {
  /** Name of the collection. */
  readonly collection: string;
  /** Version of the model that the records name. */
  readonly modelVersion: string;
  /** The deployment that they come from: `/subscriptions/.../onlineEndpoints/<endpoint>/deployments/<deployment>`. */
  readonly source: string;
}

/** One record; what is left out has no field. */
export interface RecordParts {
  /** Its own id, which no other record has. */
  readonly id: string;
  /** Its rows: a JSON array of objects, in ASCII. */
  readonly body: string;
  /** When the rows were scored, ISO 8601. */
  readonly time?: string | undefined;
  /** What ties it to records of other collections. */
  readonly correlationId?: string | undefined;
  /** Id of the HTTP request. */
  readonly requestId?: string | undefined;
  /** Further attributes by name, each value as JSON in ASCII. Names have small letters and digits. */
  readonly attributes?: Iterable<readonly [name: string, json: string]> | undefined;
}

/**
 * Writes records as lines of JSON, each a structured event of CloudEvents 1.0, as the platform stores them and the
 * `Collector` does.
 *
 * @example
 * ```ts
 * import { RecordLines } from '@azureml-ts/monitoring/format';
 *
 * const lines = new RecordLines({ collection: 'model_inputs', modelVersion: '1', source: '/subscriptions/s' });
 * const { data } = JSON.parse(lines.line({ id: '1', body: '[{"age":59}]', correlationId: 'a' }));
 * console.log(data[0].age); // 59
 * ```
 */
export class RecordLines {
  readonly #head: string;
  readonly #tail: string;

  /** @param options What the records share. */
  constructor({ collection, modelVersion, source }: RecordLinesOptions) {
    const type = plainText(`${TYPE_PREFIX}${collection}`);
    this.#head = `,"source":${plainText(source)},"type":${type},"datacontenttype":"application/json"`;
    this.#tail = `,"modelversion":${plainText(modelVersion)},"collectdatatype":"${DATA_TYPE}","agent":"${AGENT}"`;
  }

  /** The line of a record, with its end, in ASCII. */
  line({ id, body, time, correlationId, requestId, attributes = [] }: RecordParts): string {
    let line = `{"specversion":"1.0","id":${plainText(id)}${this.#head}${field('time', time)},"data":${body}`;
    line += `,"contentrange":"bytes 0-${body.length - 1}/${body.length}"`;
    line += `${field('correlationid', correlationId)}${field('xrequestid', requestId)}${this.#tail}`;
    for (const [name, json] of attributes) {
      line += `,"${name}":${json}`;
    }
    return `${line}}\n`;
  }
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${plainText(value)}`;
}
