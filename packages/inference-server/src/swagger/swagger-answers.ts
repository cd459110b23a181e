import type { Answer } from '../http/answer.ts';
import { errorAnswer } from '../http/answer.ts';
import { type ServiceDescription, swaggerDocument } from './document.ts';
import type { SwaggerVersion } from './json-schema.ts';

const VERSIONS: readonly SwaggerVersion[] = ['2', '3', '3.1'];

/** Answers `GET /swagger.json`. */
export class SwaggerAnswers {
  readonly #service: ServiceDescription;
  /** Each is made once, when it is first asked for. */
  readonly #bodies = new Map<string, string>();

  /** @param service What to describe. */
  constructor(service: ServiceDescription) {
    this.#service = service;
  }

  /** @param query Query of the request; `version` is 2 unless it says otherwise. */
  answer(query: URLSearchParams): Answer {
    const version = VERSIONS.find((known) => known === (query.get('version') ?? '2'));
    if (version === undefined) {
      return errorAnswer(404, `There is no such version. Supported: ${VERSIONS.join(', ')}.`);
    }
    let body = this.#bodies.get(version);
    if (body === undefined) {
      body = JSON.stringify(swaggerDocument(this.#service, version));
      this.#bodies.set(version, body);
    }
    return { status: 200, body };
  }
}
