import { createHash } from 'node:crypto';
import { AzuremlError } from '@azureml-ts/common';
import { type RecordParts, utcDay, valueText } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import { PYTHON_READERS } from '../rows/python-cells.ts';
import { MAX_RECORD_BYTES } from '../scan/record-scanner.ts';
import type { ConvertRow } from './convert-rows.ts';

/** The rows of one call, ready to be a line. */
export interface CallRecord {
  /** The file that they stand in. */
  readonly file: CollectedFile;
  /** The hour whose folder they go to, `00` to `23`. */
  readonly hour: string;
  /** How many they are. */
  readonly rows: number;
  /** The record. */
  readonly parts: RecordParts;
}

/**
 * Puts the rows of a call together: rows that follow each other in a file, and have the same id, time and request. Rows
 * without an id are records of their own, since nobody knows of which call they are.
 */
export async function* callRecords(
  batches: AsyncGenerator<readonly ConvertRow[], void, undefined>,
): AsyncGenerator<readonly CallRecord[], void, undefined> {
  const hours = new Hours();
  let open: OpenCall | undefined;
  let number = 0;
  for await (const rows of batches) {
    const done: CallRecord[] = [];
    for (const row of rows) {
      if (open?.takes(row) === true) {
        open.add(row);
        continue;
      }
      if (open !== undefined) {
        done.push(open.end());
      }
      number = open?.file === row.file ? number + 1 : 1;
      open = new OpenCall(row, hours.of(row), number);
    }
    if (done.length > 0) {
      yield done;
    }
  }
  if (open !== undefined) {
    yield [open.end()];
  }
}

/**
 * The hours of rows: of a folder that has one, else of the time of the scoring. Within a file they only go on, so that
 * rows keep their order; a row without a time of its day is of the hour of the row before it.
 */
class Hours {
  #file: CollectedFile | undefined;
  #last = '00';

  of({ file, call }: ConvertRow): string {
    if (this.#file !== file) {
      this.#file = file;
      this.#last = file.hour ?? '00';
    }
    const time = file.hour === undefined ? PYTHON_READERS.date(call.scoringTimestamp) : undefined;
    if (time instanceof Date && utcDay(time) === file.day) {
      const hour = time.toISOString().slice(11, 13);
      if (hour > this.#last) {
        this.#last = hour;
      }
    }
    return this.#last;
  }
}

/** A call whose rows are still coming. */
class OpenCall {
  readonly file: CollectedFile;
  readonly #call: ConvertRow['call'];
  readonly #hour: string;
  readonly #number: number;
  readonly #userIds: string[] = [];
  #names: readonly string[] | undefined;
  #heads: readonly string[] = [];
  #body = '';

  constructor(row: ConvertRow, hour: string, number: number) {
    this.file = row.file;
    this.#call = row.call;
    this.#hour = hour;
    this.#number = number;
    this.add(row);
  }

  takes({ file, call }: ConvertRow): boolean {
    const own = this.#call;
    return (
      file === this.file &&
      own.id !== '' &&
      call.id === own.id &&
      call.scoringTimestamp === own.scoringTimestamp &&
      call.requestId === own.requestId
    );
  }

  /** @throws AzuremlError `CONVERSION_RECORD_TOO_LARGE`. */
  add({ names, texts, call }: ConvertRow): void {
    if (this.#names !== names) {
      this.#names = names;
      this.#heads = names.map((name, at) => `${at === 0 ? '' : ','}${valueText(name, false)}:`);
    }
    let text = this.#userIds.length === 0 ? '[{' : ',{';
    for (const [at, head] of this.#heads.entries()) {
      text += head;
      text += texts[at] as string;
    }
    this.#body += `${text}}`;
    this.#userIds.push(call.userCorrelationId);
    if (this.#body.length >= MAX_RECORD_BYTES) {
      throw new AzuremlError(
        'CONVERSION_RECORD_TOO_LARGE',
        `The rows of the call ${JSON.stringify(this.#call.id)} in ${this.file.path} would be a record of more than ${MAX_RECORD_BYTES} bytes, which no reader takes. Leave this day out with from and until, or convert to another layout.`,
        { details: { path: this.file.path, correlationId: this.#call.id } },
      );
    }
  }

  end(): CallRecord {
    const { id, scoringTimestamp, requestId } = this.#call;
    const [user = ''] = this.#userIds;
    const isShared = this.#userIds.every((one) => one === user);
    const users = isShared
      ? valueText(user, false)
      : `[${this.#userIds.map((one) => valueText(one, false)).join(',')}]`;
    return {
      file: this.file,
      hour: this.#hour,
      rows: this.#userIds.length,
      parts: {
        id: recordId(this.file.path, this.#number),
        body: `${this.#body}]`,
        time: scoringTimestamp || undefined,
        correlationId: id || undefined,
        requestId: requestId || undefined,
        attributes: isShared && user === '' ? [] : [['usercorrelationid', users]],
      },
    };
  }
}

/** The id of a record: a UUID that is the same whenever the same file is converted, so that the bytes are too. */
function recordId(path: string, number: number): string {
  const bytes = createHash('sha256').update(`${number} ${path}`).digest().subarray(0, 16);
  // Version 8: made in a way of one's own. Source: RFC 9562.
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
