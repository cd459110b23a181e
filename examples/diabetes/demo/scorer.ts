import type { LocalWebservice } from '@azureml-ts/core';
import type { Checks } from './checks.ts';
import type { Dataset } from './dataset.ts';

/** A row as it was sent, with the prediction that came back. */
export interface ScoredRow {
  readonly input: readonly number[];
  readonly prediction: number;
}

/** One request that the service answered, and what had to happen to it besides. */
export interface SentRequest {
  /** The id it was sent with. */
  readonly requestId: string;
  /** The rows, or none when the request was refused. */
  readonly rows: readonly ScoredRow[];
  /** What the scoring script printed for it. */
  readonly printed: string;
  /** Whether collection was on. */
  readonly collected: boolean;
  /** Whether telemetry was on. */
  readonly traced: boolean;
}

/** Sends requests and keeps account of them: what was stored and traced is compared with this account later. */
export class Scorer {
  readonly #service: LocalWebservice;
  readonly #dataset: Dataset;
  readonly #abortSignal: AbortSignal;
  readonly #sent: SentRequest[] = [];
  #requests = 0;
  /** Whether the rows sent from now on have to be stored. */
  collecting = true;
  /** Whether what is printed from now on has to arrive as telemetry. */
  tracing = true;

  constructor(service: LocalWebservice, dataset: Dataset, abortSignal: AbortSignal) {
    this.#service = service;
    this.#dataset = dataset;
    this.#abortSignal = abortSignal;
  }

  /** Every request so far, in order. */
  get sent(): readonly SentRequest[] {
    return this.#sent;
  }

  /** Scores rows of the table in one request; says what is wrong with the answer, or nothing. */
  async score(indices: readonly number[]): Promise<string | undefined> {
    const input = indices.map((index) => this.#dataset.rows[index] ?? []);
    const { requestId, answer } = await this.#send({ data: input });
    const predictions = isPredictions(answer) ? answer.predictions : undefined;
    if (predictions === undefined || predictions.length !== indices.length) {
      return `${indices.length} rows were answered with ${JSON.stringify(answer)}`;
    }
    this.#note({
      requestId,
      rows: input.map((row, position) => ({ input: row, prediction: predictions[position] ?? Number.NaN })),
      printed: JSON.stringify({ input, output: predictions }),
    });
    const wrong = indices.findIndex(
      (index, position) => !Object.is(predictions[position], this.#dataset.expected[index]),
    );
    const row = indices[wrong];
    return row === undefined
      ? undefined
      : `row ${row}: the service gives ${predictions[wrong]}, scikit-learn ${this.#dataset.expected[row]}`;
  }

  /** Scores several batches; the check holds when each prediction is scikit-learn's own. */
  async scoreAll(checks: Checks, name: string, requests: readonly (readonly number[])[]): Promise<void> {
    const wrong: string[] = [];
    for (const indices of requests) {
      const problem = await this.score(indices);
      if (problem !== undefined) {
        wrong.push(problem);
      }
    }
    checks.holds(name, wrong.length === 0, () => `${wrong[0]} (${wrong.length} of ${requests.length} requests)`);
  }

  /** Sends a request that has to be refused; returns the sentence that came back, if one came. */
  async refused(body: string): Promise<string | undefined> {
    const { requestId, answer } = await this.#send(body);
    if (!isError(answer)) {
      return undefined;
    }
    this.#note({ requestId, rows: [], printed: answer.error });
    return answer.error;
  }

  async #send(body: unknown): Promise<{ requestId: string; answer: unknown }> {
    this.#requests += 1;
    const requestId = `demo-${String(this.#requests).padStart(4, '0')}`;
    return { requestId, answer: await this.#service.run(body, { requestId, abortSignal: this.#abortSignal }) };
  }

  #note(request: Pick<SentRequest, 'requestId' | 'rows' | 'printed'>): void {
    this.#sent.push({ ...request, collected: this.collecting, traced: this.tracing });
  }
}

function isPredictions(answer: unknown): answer is { readonly predictions: readonly number[] } {
  return typeof answer === 'object' && answer !== null && 'predictions' in answer && Array.isArray(answer.predictions);
}

function isError(answer: unknown): answer is { readonly error: string } {
  return typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string';
}
