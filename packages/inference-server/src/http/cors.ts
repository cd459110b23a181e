import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { ValidationError } from '@azureml-ts/common';

/** Headers of an answer that scripts in a browser may read. */
const EXPOSED = 'x-request-id, x-ms-request-id, x-ms-client-request-id, x-ms-run-function-failed, x-ms-run-fn-exec-ms';

/** How long a browser may remember the answer to its question, in seconds. */
const MAX_AGE_S = '600';

/**
 * Lets pages of other origins call the server.
 *
 * Source: `AML_CORS_ORIGINS` of the reference inference server, methods GET and POST. An origin that is not listed gets no
 * permission; there, it gets the one of the first origin in the list.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #allowsAll: boolean;

  /** @param origins Checked by {@link checkOrigins}; none switches it off. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
    this.#allowsAll = this.#origins.has('*');
  }

  /** Headers of the answer to any request. */
  headers(request: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
    if (this.#origins.size === 0) {
      return undefined;
    }
    const { origin } = request;
    if (!this.#allowsAll && (origin === undefined || !this.#origins.has(origin))) {
      return { vary: 'Origin' };
    }
    return {
      'access-control-allow-origin': this.#allowsAll ? '*' : origin,
      'access-control-expose-headers': EXPOSED,
      ...(this.#allowsAll ? {} : { vary: 'Origin' }),
    };
  }

  /**
   * More headers of the answer to a browser that asks before it calls; `undefined` when it does not, or may not call.
   *
   * @param request Headers of the request.
   * @param methods Methods that may be used.
   */
  preflight(request: IncomingHttpHeaders, methods: string): OutgoingHttpHeaders | undefined {
    const isAllowed = this.headers(request)?.['access-control-allow-origin'] !== undefined;
    if (!isAllowed || request['access-control-request-method'] === undefined) {
      return undefined;
    }
    const wanted = request['access-control-request-headers'];
    return {
      'access-control-allow-methods': methods,
      ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
      'access-control-max-age': MAX_AGE_S,
    };
  }
}

/**
 * Checks origins, and writes them as browsers send them.
 *
 * @param origins Each `*`, or scheme, host and port, such as `https://app.example.com`.
 * @param path Name of the setting.
 * @throws ValidationError `VALIDATION`
 */
export function checkOrigins(origins: unknown, path: string): readonly string[] {
  if (!Array.isArray(origins)) {
    throw new ValidationError({ path, expected: 'an array of origins', received: origins });
  }
  return origins.map((origin: unknown, index) => {
    const checked = origin === '*' ? '*' : originOf(origin);
    if (checked === undefined) {
      throw new ValidationError({
        path: `${path}[${index}]`,
        expected: '"*" or an origin without a path, such as https://app.example.com',
        received: origin,
      });
    }
    return checked;
  });
}

function originOf(text: unknown): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return undefined;
  }
  return url.href === `${url.origin}/` ? url.origin : undefined;
}
