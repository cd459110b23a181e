import { ValidationError } from '@azureml-ts/common';
import { ACCESS_LOG_FORMATS, type AccessLogFormat } from '../log/access-log.ts';
import { DEFAULT_MAX_BODY_BYTES } from './body.ts';
import { checkOrigins } from './cors.ts';
import { booleanSetting, integerSetting, textSetting } from './settings.ts';

/** Options of the HTTP side of a server; each also has a variable of the environment, and the option wins. */
export interface HttpOptions {
  /** Largest body of a scoring request in bytes, as sent and decoded; above it the answer is 413. Default: `SERVER_MAX_BODY_BYTES`, else 104,857,600 (100 MiB). */
  readonly maxBodyBytes?: number | undefined;
  /** Largest headers of a request in bytes, 1,024 to 1,048,576; above it the answer is 431. Default: `SERVER_MAX_HEADER_BYTES`, else 16,384. */
  readonly maxHeaderBytes?: number | undefined;
  /** Longest time for the headers of a request in milliseconds; then the answer is 408. Default: `SERVER_HEADERS_TIMEOUT_MS`, else 20,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** Longest time for a whole request to come in, in milliseconds; then the answer is 408. Default: `SERVER_REQUEST_TIMEOUT_MS`, else 300,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Most requests that are scored at the same time; more get 503 with `Retry-After`. Default: `SERVER_MAX_CONCURRENT_REQUESTS`, else no limit. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Origins whose pages may call the server, such as `https://app.example.com`, or `*` for all. Default: `AML_CORS_ORIGINS`, a comma list, else none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** A path before every route: `/a/b/score` is answered as `/score` then; both work. Default: `SERVICE_PATH_PREFIX`, else none. */
  readonly pathPrefix?: string | undefined;
  /** A line for each request, probes left out, among the other lines of the server's log. Default: `SERVER_ACCESS_LOG`, else `text`. */
  readonly accessLog?: AccessLogFormat | false | undefined;
  /** Whether answers carry `x-ms-server-version`. Default: `SERVER_VERSION_LOG_RESPONSE_ENABLED`, else `true`. */
  readonly sendServerVersion?: boolean | undefined;
}

/** Those options after checking, defaults filled in. */
export interface CheckedHttpOptions {
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Infinity for no limit. */
  readonly maxConcurrentRequests: number;
  readonly corsOrigins: readonly string[];
  /** Without slashes at its ends. */
  readonly pathPrefix: string;
  readonly accessLog: AccessLogFormat | false;
  readonly sendServerVersion: boolean;
}

/** Longest time that a Node timer can hold. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/**
 * Checks the options and fills in what the environment and the defaults give.
 *
 * @throws ValidationError `VALIDATION`
 */
export function checkHttpOptions(options: HttpOptions): CheckedHttpOptions {
  const time = { unit: 'milliseconds', min: 1, max: MAX_TIMEOUT_MS };
  return {
    maxBodyBytes: integerSetting(['maxBodyBytes', options.maxBodyBytes], 'SERVER_MAX_BODY_BYTES', {
      unit: 'bytes',
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      fallback: DEFAULT_MAX_BODY_BYTES,
    }),
    maxHeaderBytes: integerSetting(['maxHeaderBytes', options.maxHeaderBytes], 'SERVER_MAX_HEADER_BYTES', {
      unit: 'bytes',
      min: 1_024,
      max: 1_048_576,
      fallback: 16_384,
    }),
    headersTimeoutMs: integerSetting(['headersTimeoutMs', options.headersTimeoutMs], 'SERVER_HEADERS_TIMEOUT_MS', {
      ...time,
      fallback: 20_000,
    }),
    requestTimeoutMs: integerSetting(['requestTimeoutMs', options.requestTimeoutMs], 'SERVER_REQUEST_TIMEOUT_MS', {
      ...time,
      fallback: 300_000,
    }),
    maxConcurrentRequests: integerSetting(
      ['maxConcurrentRequests', options.maxConcurrentRequests],
      'SERVER_MAX_CONCURRENT_REQUESTS',
      { unit: 'requests', min: 1, max: Number.MAX_SAFE_INTEGER, fallback: Number.POSITIVE_INFINITY },
    ),
    corsOrigins: corsOrigins(options.corsOrigins),
    pathPrefix: pathPrefix(options.pathPrefix),
    accessLog: accessLog(options.accessLog),
    sendServerVersion: booleanSetting(
      ['sendServerVersion', options.sendServerVersion],
      'SERVER_VERSION_LOG_RESPONSE_ENABLED',
      true,
    ),
  };
}

function corsOrigins(option: readonly string[] | undefined): readonly string[] {
  if (option !== undefined) {
    return checkOrigins(option, 'corsOrigins');
  }
  const list = (textSetting('AML_CORS_ORIGINS') ?? '').split(',').map((origin) => origin.trim());
  return checkOrigins(
    list.filter((origin) => origin !== ''),
    'AML_CORS_ORIGINS',
  );
}

function pathPrefix(option: string | undefined): string {
  const text = option ?? textSetting('SERVICE_PATH_PREFIX') ?? '';
  const prefix = typeof text === 'string' ? text.replace(/^\/+|\/+$/g, '') : undefined;
  if (prefix === undefined || !/^[\w.~!$&'()*+,;=:@%/-]*$/.test(prefix)) {
    throw new ValidationError({
      path: option === undefined ? 'SERVICE_PATH_PREFIX' : 'pathPrefix',
      expected: 'a path of a URL, such as api/v1/service/loans',
      received: text,
    });
  }
  return prefix;
}

function accessLog(option: AccessLogFormat | false | undefined): AccessLogFormat | false {
  const given = option ?? textSetting('SERVER_ACCESS_LOG')?.toLowerCase() ?? 'text';
  const format = given === 'false' || given === false ? false : ACCESS_LOG_FORMATS.find((known) => known === given);
  if (format === undefined) {
    throw new ValidationError({
      path: option === undefined ? 'SERVER_ACCESS_LOG' : 'accessLog',
      expected: `one of ${ACCESS_LOG_FORMATS.join(', ')}, false`,
      received: given,
    });
  }
  return format;
}
