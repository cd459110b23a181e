import { randomUUID } from 'node:crypto';
import { processSingleton, ValidationError } from '@azureml-ts/common';
import { checkSegment, type DataFileName, type StreamIdentity, type UtcDay } from '../../format/blob-path.ts';
import type { FileLayout, FilePeriod } from '../../format/file-layout.ts';

/** Folder in the container when none is named. Source: azure-ai-ml registers its data assets there. */
export const MODEL_DATA_FOLDER = 'modelDataCollector';

/** Longest folder: a blob's name has at most 1,024 characters, and the date and the file need some. */
const MAX_FOLDER = 940;

/**
 * The layout that Azure ML's platform writes, and its monitor reads: `<folder>/<yyyy>/<MM>/<dd>/<HH>/<instance>.jsonl`,
 * where the folder is `modelDataCollector/<endpoint>/<deployment>/<collection>` unless another one is named.
 *
 * The name of a file is 32 hexadecimal digits, of the writer, and 6 decimal ones, of the part: no two writers share one.
 */
export class JsonLinesFiles implements FileLayout {
  readonly name = 'json-lines';
  readonly root = '';
  readonly contentType = 'application/x-ndjson';
  readonly blobKind = 'append';
  /** The folder in the container, where it is named. */
  readonly customFolder: string | undefined;

  /**
   * @param path The folder in the container, instead of the one by the names of endpoint, deployment and collection.
   */
  constructor(path: string | undefined) {
    this.customFolder = path;
  }

  /** See {@link FileLayout.firstName}. */
  firstName(instance: string | undefined): DataFileName {
    return { instance: instance ?? processInstance() };
  }

  /** See {@link FileLayout.checkStream}. */
  checkStream(stream: StreamIdentity): void {
    if (this.customFolder === undefined) {
      checkSegment('endpointName', stream.webserviceName);
      checkSegment('deploymentName', stream.modelName);
      checkSegment('name', stream.designation);
    }
  }

  /** See {@link FileLayout.folder}. */
  folder({ stream, day, hour = '00' }: FilePeriod): string {
    return `${this.#streamFolder(stream)}/${day.replaceAll('-', '/')}/${hour}/`;
  }

  /** See {@link FileLayout.path}. */
  path(period: FilePeriod, { instance = processInstance(), part = 1 }: DataFileName): string {
    return `${this.folder(period)}${instance}${String(part).padStart(6, '0')}.jsonl`;
  }

  /** Path of the file with the rows of one record that are too large for its line. */
  dataPath(period: FilePeriod, id: string): string {
    return `${this.folder(period)}${id}.json`;
  }

  /** See {@link FileLayout.ledgerPath}: there is none, every record says by itself how large it is. */
  ledgerPath(): undefined {
    return undefined;
  }

  #streamFolder({ webserviceName, modelName, designation }: StreamIdentity): string {
    return this.customFolder ?? [MODEL_DATA_FOLDER, webserviceName, modelName, designation].join('/');
  }
}

/** The hour whose records a file holds. */
export interface RecordHour {
  /** UTC day, `yyyy-mm-dd`. */
  readonly day: UtcDay;
  /** UTC hour, `00` to `23`. */
  readonly hour: string;
}

const FILES = new JsonLinesFiles(undefined);

/**
 * Path of a file of records in the container: `modelDataCollector/<web service>/<model>/<designation>/<yyyy>/<MM>/<dd>/<HH>/`,
 * where the web service is the endpoint, the model the deployment and the designation the collection, and a name that no
 * other writer has.
 *
 * @param instance 32 hexadecimal digits, of the writer.
 * @param part Number of the file, from 1 to 999,999.
 */
export function recordFilePath(stream: StreamIdentity, hour: RecordHour, instance: string, part: number): string {
  return FILES.path({ stream, ...hour }, { instance, part });
}

/** Path of the file with the rows of one record that are too large for its line, by the id of the record. */
export function recordDataPath(stream: StreamIdentity, hour: RecordHour, id: string): string {
  return FILES.dataPath({ stream, ...hour }, id);
}

/**
 * Checks a folder of a container, with slashes between its parts.
 *
 * @throws ValidationError (`VALIDATION`) when a part of it cannot be a folder, or it is too long.
 */
export function checkFolder(option: string, path: unknown): string {
  if (typeof path !== 'string' || path.length > MAX_FOLDER) {
    throw new ValidationError({
      path: option,
      expected: `a folder in the container, at most ${MAX_FOLDER} characters long`,
      received: path,
    });
  }
  const folder = path.replace(/^\/+|\/+$/g, '');
  for (const part of folder.split('/')) {
    checkSegment(option, part);
  }
  return folder;
}

/** Name of this process as a writer of such files. */
function processInstance(): string {
  return processSingleton('json-lines-instance', 1, () => ({ name: newInstance() })).name;
}

/** A name that no other writer has. */
export function newInstance(): string {
  return randomUUID().replaceAll('-', '');
}
