import type { ScoreCall, Scorer } from '../score/score.ts';
import type { SwaggerAnswers } from '../swagger/swagger-answers.ts';
import { type Answer, errorAnswer } from './answer.ts';
import type { Cors } from './cors.ts';

/** A refused body up to this size is read to its end, so that the connection can go on. */
const SMALL_BODY_BYTES = 65_536;

const SCORE_METHODS = 'GET, HEAD, POST, OPTIONS';
const RAW_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** Whether a path is one that orchestrators ask every few seconds. */
export function isProbePath(path: string): boolean {
  return path === '/' || path === '/ready';
}

/** What a path is called in telemetry: others have no name of their own, callers could invent any number. */
export function routeName(path: string): string {
  return path === '/score' || path === '/swagger.json' || isProbePath(path) ? path : '(unknown path)';
}

/** What each path answers. */
export class Routes {
  readonly #scorer: Scorer;
  readonly #swagger: SwaggerAnswers;
  readonly #maxConcurrentRequests: number;
  #running = 0;

  /**
   * @param scorer Answers `/score`.
   * @param swagger Answers `/swagger.json`.
   * @param maxConcurrentRequests Most requests that are scored at the same time.
   */
  constructor(scorer: Scorer, swagger: SwaggerAnswers, maxConcurrentRequests: number) {
    this.#scorer = scorer;
    this.#swagger = swagger;
    this.#maxConcurrentRequests = maxConcurrentRequests;
  }

  /** Counts a request to `/score` as running. Returns whether there is room for it; then {@link leave} follows. */
  enter(): boolean {
    if (this.#running >= this.#maxConcurrentRequests) {
      return false;
    }
    this.#running++;
    return true;
  }

  /** A counted request was answered. */
  leave(): void {
    this.#running--;
  }

  /** Whether the body of a counted request to `/score` is read before {@link score} is called. */
  readsBody(method: string): boolean {
    return this.#scorer.readsBody(method);
  }

  /**
   * Reads that body.
   *
   * @param call The request.
   * @param then Called once, perhaps at once.
   */
  readBody(call: ScoreCall, then: () => void): void {
    this.#scorer.readBody(call, then);
  }

  /** `/`: whether the process is alive. */
  health(method: string): Answer {
    return method === 'GET' || method === 'HEAD'
      ? { status: 200, body: 'Healthy', contentType: 'text/html; charset=utf-8' }
      : notAllowed(method, '/', 'GET, HEAD');
  }

  /** `/ready`: whether it takes requests. The port opens only once `init()` has ended. */
  readiness(method: string, isClosing: boolean): Answer {
    if (method !== 'GET' && method !== 'HEAD') {
      return notAllowed(method, '/ready', 'GET, HEAD');
    }
    return isClosing
      ? errorAnswer(503, 'The server is closing.')
      : { status: 200, body: 'Ready', contentType: 'text/html; charset=utf-8' };
  }

  /** `/swagger.json`: the description of the service. */
  swagger(method: string, query: string): Answer {
    return method === 'GET' || method === 'HEAD'
      ? this.#swagger.answer(new URLSearchParams(query))
      : notAllowed(method, '/swagger.json', 'GET, HEAD');
  }

  /** `/score`. */
  score(call: ScoreCall, isCounted: boolean, cors: Cors | undefined): Promise<Answer> | Answer {
    const { method, request } = call;
    if (method === 'OPTIONS') {
      const methods = this.#scorer.isRaw ? RAW_METHODS : 'GET, POST';
      const permission = cors?.preflight(request.headers, methods);
      // The origins that are configured hold for every script; others ask the script, if it answers itself.
      if (permission !== undefined || !this.#scorer.isRaw) {
        return { status: 200, body: '', contentType: null, headers: { allow: SCORE_METHODS, ...permission } };
      }
    }
    if (!isCounted) {
      return this.#busy(call);
    }
    if (method === 'POST' || method === 'GET' || method === 'HEAD' || this.#scorer.isRaw) {
      return this.#scorer.score(call);
    }
    return notAllowed(method, '/score', SCORE_METHODS);
  }

  #busy({ request: { headers, complete } }: ScoreCall): Answer {
    const length = Number(headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : Infinity));
    return errorAnswer(
      503,
      `The server scores ${this.#maxConcurrentRequests} requests at the same time already. Try again later.`,
      { headers: { 'retry-after': '1' }, closeConnection: !complete && length > SMALL_BODY_BYTES },
    );
  }
}

function notAllowed(method: string, path: string, allow: string): Answer {
  return errorAnswer(405, `${method} is not allowed at ${path}. Allowed: ${allow}.`, { headers: { allow } });
}
