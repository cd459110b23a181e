import { redactSecrets } from './redact.ts';

// Not by import: that reads every getter of the module, and loads what stands behind them.
const { inspect, types } = process.getBuiltinModule('node:util');

const BRAND = Symbol.for('@azureml-ts/error');

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Options of {@link AzuremlError}. */
export interface AzuremlErrorOptions {
  /** What led to this error: usually another error. */
  readonly cause?: unknown;
  /** Facts about the failure as plain JSON, for programs. Never holds secrets. */
  readonly details?: Readonly<Record<string, JsonValue>> | undefined;
  /** Whether the same call may work later without any change. Default `false`. */
  readonly retryable?: boolean | undefined;
  /** Status of the HTTP answer that caused it. */
  readonly statusCode?: number | undefined;
  /** Id of the HTTP request that caused it, to quote to support. */
  readonly requestId?: string | undefined;
}

/**
 * Base of every error that azureml-ts raises.
 *
 * The message says what failed, with which value, and what to do next. Secrets are taken out of the message, of
 * `util.inspect` and of JSON. Use {@link isAzuremlError} rather than `instanceof`: it also recognises errors of a second
 * copy of the package.
 */
export class AzuremlError extends Error {
  /** Stable name of the condition in upper snake case, for example `CONFIG_FILE_NOT_FOUND`. */
  readonly code: string;
  /** Facts about the failure as plain JSON. */
  readonly details: Readonly<Record<string, JsonValue>>;
  /** Whether the same call may work later without any change. */
  readonly retryable: boolean;
  /** Status of the HTTP answer that caused it. */
  readonly statusCode: number | undefined;
  /** Id of the HTTP request that caused it. */
  readonly requestId: string | undefined;
  /** @internal */
  readonly [BRAND]: true = true;

  /**
   * @param code Stable name of the condition.
   * @param message What failed, with which value, and what to do next.
   * @param options Cause, details and facts of the HTTP answer.
   */
  constructor(code: string, message: string, options: AzuremlErrorOptions = {}) {
    super(redactSecrets(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
    this.statusCode = options.statusCode;
    this.requestId = options.requestId;
    Object.defineProperty(this, BRAND, { enumerable: false });
  }

  /** The error as plain JSON, without secrets; the cause as its message. */
  toJSON(): Record<string, JsonValue> {
    const facts = {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      statusCode: this.statusCode,
      requestId: this.requestId,
      details: Object.keys(this.details).length > 0 ? this.details : undefined,
      cause: this.cause === undefined ? undefined : errorMessage(this.cause),
    };
    return JSON.parse(JSON.stringify(facts, (_, value) => (typeof value === 'string' ? redactSecrets(value) : value)));
  }

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    const facts = { ...this.toJSON() };
    delete facts['name'];
    delete facts['message'];
    return redactSecrets(`${this.stack ?? `${this.name}: ${this.message}`} ${inspect(facts, { ...options, depth })}`);
  }
}

/**
 * Tells whether a value is an error of azureml-ts, whichever copy of the package made it.
 *
 * @param value Anything, usually what `catch` gave.
 * @param code When given, the error must also have this code.
 * @example
 * ```ts
 * import { AzuremlError, isAzuremlError } from '@azureml-ts/common';
 *
 * try {
 *   throw new AzuremlError('CONFLICT', 'The deployment changed in between. Read it again and repeat the update.');
 * } catch (error) {
 *   if (isAzuremlError(error, 'CONFLICT')) console.log(error.message);
 * }
 * ```
 */
export function isAzuremlError(value: unknown, code?: string): value is AzuremlError {
  try {
    const error = value as Partial<AzuremlError> | null;
    return typeof error === 'object' && error?.[BRAND] === true && (code === undefined || error.code === code);
  } catch {
    // A proxy may throw whatever it is asked.
    return false;
  }
}

/** Options of {@link ValidationError}. */
export interface ValidationErrorOptions extends AzuremlErrorOptions {
  /** Name or path of the bad field, for example `deploymentConfig.port`. */
  readonly path: string;
  /** What would have been right, in words. */
  readonly expected: string;
  /** What came instead, shortened. */
  readonly received?: unknown;
}

/** A value from the caller has the wrong shape or range. Code `VALIDATION`. */
export class ValidationError extends AzuremlError {
  /** Name or path of the bad field. */
  readonly path: string;

  /**
   * @param options The field, what was expected and what came. `message`, when given, replaces the usual sentence.
   */
  constructor(options: ValidationErrorOptions & { readonly message?: string }) {
    const received = 'received' in options ? inspect(options.received, { depth: 1, maxStringLength: 80 }) : undefined;
    super(
      'VALIDATION',
      options.message ??
        `${options.path} must be ${options.expected}${received === undefined ? '' : `, but is ${received}`}.`,
      {
        ...options,
        details: {
          ...options.details,
          path: options.path,
          expected: options.expected,
          ...(received === undefined ? {} : { received: redactSecrets(received) }),
        },
      },
    );
    this.path = options.path;
  }
}

/**
 * The HTTP status that an error carries, whoever raised it: ours and those of the Azure clients have `statusCode`.
 *
 * @param error Anything.
 */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/**
 * Text of any thrown value, without secrets. Never throws, whatever was thrown: scripts throw the strangest things.
 *
 * @param error Anything.
 */
export function errorMessage(error: unknown): string {
  try {
    // Those of Node itself are of another realm where a test runner has one of its own.
    if (error instanceof Error || types.isNativeError(error)) {
      return redactSecrets(shortened(String(error.message || innerMessages(error) || codeOf(error) || error.name)));
    }
    return redactSecrets(
      shortened(typeof error === 'string' ? error : inspect(error, { depth: 1, maxStringLength: 200 })),
    );
  } catch {
    return UNDESCRIBABLE;
  }
}

/**
 * A thrown value with its stack and cause for logs, without secrets. Never throws.
 *
 * @param value Anything.
 */
export function inspectSafely(value: unknown): string {
  try {
    return redactSecrets(inspect(value));
  } catch {
    return errorMessage(value);
  }
}

/** Longest message, in characters: some libraries quote whole documents. */
const MAX_MESSAGE = 8_192;

function shortened(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}...` : text;
}

const UNDESCRIBABLE = 'a value that cannot be described was thrown';

/** Node's AggregateError (a refused connection on two addresses, for example) has an empty message of its own. */
function innerMessages(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(errorMessage).join('; ') : '';
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
