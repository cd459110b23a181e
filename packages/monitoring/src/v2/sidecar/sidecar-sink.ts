import { crc32 } from 'node:zlib';
import {
  AzuremlError,
  backoffDelayMs,
  errorMessage,
  type HttpAnswer,
  type JsonValue,
  retryAfterMs,
  sleep,
} from '@azureml-ts/common';
import type { AppendContext, AppendOutcome, RowBatch, RowSink } from '../../sinks/row-sink.ts';
import { SidecarClient } from './sidecar-client.ts';
import { readSidecarRecords, SidecarLayout, type SidecarRecord } from './sidecar-layout.ts';
import { SIDECAR_PATH, sidecarHeaders } from './sidecar-request.ts';

/** Where the sidecar is, and how long to wait for it. */
export interface SidecarSinkOptions {
  /** Host name or address. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** Longest time for one answer, in milliseconds. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** Tries of one record before the rest of its batch is left to a later time. */
const MAX_TRIES = 4;
/** Longest wait between two of them, in milliseconds; a longer one is not waited for here. */
const MAX_PAUSE_MS = 1_000;
/** Answers below 500 that tell of load or of a passing fault. */
const PASSING = new Set([408, 425, 429]);

/**
 * Gives records to the collection sidecar of a deployment, one after the other on one kept-alive connection.
 *
 * How far a batch has come is kept before each record is sent, so that after the end of the process only the record whose
 * answer nobody has seen is sent again, under the same `trace-id`.
 */
export class SidecarSink implements RowSink {
  /** See {@link RowSink.name}: the address. */
  readonly name: string;
  /** Each answer has a limit of its own. */
  readonly appendTimeoutMs = Number.POSITIVE_INFINITY;
  readonly #client: SidecarClient;

  /** @param options Where it is. Nothing is opened before the first record. */
  constructor({ host, port, requestTimeoutMs = REQUEST_TIMEOUT_MS }: SidecarSinkOptions) {
    this.name = `http://${host.includes(':') ? `[${host}]` : host}:${port}${SIDECAR_PATH}`;
    this.#client = new SidecarClient(host, port, requestTimeoutMs);
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    const { schema } = batch;
    if (!(schema instanceof SidecarLayout)) {
      throw new AzuremlError('LAYOUT_MISMATCH', `Rows in the layout ${schema.files.name} cannot go to ${this.name}.`, {
        statusCode: 413,
      });
    }
    const progress = new Progress(batch, context.intent);
    let index = 0;
    let refusal: unknown;
    for (const record of readSidecarRecords(batch.bytes)) {
      if (index >= progress.next) {
        await context.intend(progress.at(index));
        context.abortSignal.throwIfAborted();
        const refused = await this.#send(record, schema, context.abortSignal);
        if (refused !== undefined) {
          progress.refused += 1;
          refusal = refused;
        }
      }
      index += 1;
    }
    const { refused } = progress;
    return refused === 0 ? {} : { refused: { rowCount: refused, error: refusal ?? refusedBefore(this.name) } };
  }

  /** Closes the connection. */
  close(): void {
    this.#client.close();
  }

  /**
   * Sends a record, trying again soon after passing faults.
   *
   * @returns `undefined` when the sidecar has taken it; an error when it never will.
   * @throws When it did not take it for now, or did not answer.
   */
  async #send(record: SidecarRecord, layout: SidecarLayout, abortSignal: AbortSignal): Promise<unknown> {
    const headers = sidecarHeaders(record, layout);
    if (headers === undefined) {
      return tooLong(this.name, record.correlationId);
    }
    for (let tries = 1; ; tries += 1) {
      let failure: AzuremlError;
      try {
        const answer = await this.#client.post(headers, record.body, abortSignal);
        if (answer.status >= 200 && answer.status < 300) {
          return undefined;
        }
        if (answer.status < 500 && !PASSING.has(answer.status)) {
          return refusedNow(this.name, answer.status, record.correlationId);
        }
        failure = busy(this.name, answer);
      } catch (error) {
        abortSignal.throwIfAborted();
        failure = unreachable(this.name, error);
      }
      const asked = retryAfterMs(afterOf(failure));
      const pauseMs = asked ?? backoffDelayMs(tries, { initialDelayMs: 50, maxDelayMs: MAX_PAUSE_MS });
      if (tries === MAX_TRIES || pauseMs > MAX_PAUSE_MS) {
        throw failure;
      }
      await sleep(pauseMs, { abortSignal, keepAlive: true });
    }
  }
}

/** How far a batch has come. */
class Progress {
  /** The record that comes next: those before it are done. */
  readonly next: number;
  /** Records that were refused so far. */
  refused: number;
  readonly #length: number;
  readonly #crc: number;

  constructor({ bytes }: RowBatch, intent: JsonValue | undefined) {
    this.#length = bytes.length;
    this.#crc = crc32(bytes);
    const fields = (typeof intent === 'object' ? intent : null) as Readonly<Record<string, unknown>> | null;
    // An intent tells nothing about any other batch.
    const isOurs = fields?.['kind'] === 'sidecar' && fields['length'] === this.#length && fields['crc32'] === this.#crc;
    this.next = isOurs ? Number(fields['next']) : 0;
    this.refused = isOurs ? Number(fields['refused']) : 0;
  }

  /** What is kept before a record is sent. */
  at(next: number): JsonValue {
    return { v: 1, kind: 'sidecar', next, refused: this.refused, length: this.#length, crc32: this.#crc };
  }
}

function refusedNow(name: string, status: number, correlationId: string): AzuremlError {
  return new AzuremlError(
    'RECORD_REFUSED',
    `${name} answered with status ${status} to the record ${JSON.stringify(correlationId.slice(0, 80))}. See whether the collection is switched on in the deployment (data_collector), and whether something else listens there.`,
    { statusCode: status },
  );
}

function tooLong(name: string, correlationId: string): AzuremlError {
  return new AzuremlError(
    'CONTEXT_TOO_LONG',
    `The record ${JSON.stringify(correlationId.slice(0, 80))} was not sent to ${name}: its correlation id, collection and model version take more than the headers of a request can hold.`,
  );
}

function refusedBefore(name: string): AzuremlError {
  return new AzuremlError('RECORD_REFUSED', `${name} refused records of a process that has ended since.`);
}

function busy(name: string, { status, retryAfter }: HttpAnswer): AzuremlError {
  const error = new AzuremlError('SIDECAR_BUSY', `${name} answered with status ${status}.`, {
    statusCode: status,
    retryable: true,
  });
  // As errors of the storage client carry it.
  const response = { headers: { get: (header: string) => (header === 'retry-after' ? retryAfter : undefined) } };
  Object.defineProperty(error, 'response', { value: response, enumerable: false });
  return error;
}

function unreachable(name: string, cause: unknown): AzuremlError {
  return new AzuremlError(
    'SIDECAR_UNREACHABLE',
    `${name} does not answer: ${errorMessage(cause)}. See whether the deployment has data_collector switched on; AZUREML_MDC_HOST and AZUREML_MDC_PORT say where the sidecar listens.`,
    { cause, retryable: true },
  );
}

function afterOf(failure: AzuremlError): string | undefined {
  const { response } = failure as {
    readonly response?: { readonly headers: { get(name: string): string | undefined } };
  };
  return response?.headers.get('retry-after');
}
